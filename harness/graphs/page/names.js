// How a node is called, in the order: the person's label, the file's, what it stands for.

function nameOf(node) {
  return chosen.labels.get(node.id) || ownName(node);
}

function ownName(node) {
  switch (node.kind) {
    case "embedding":
      return `“${shownToken(graph.tokens[node.position] ?? "")}”`;
    case "logit":
      return node.token === null ? node.label || node.id : `“${shownToken(node.token)}”`;
    case "error":
      return node.label || (node.type === "lorsa error" ? "attention error" : "MLP error");
    case "bias":
      return node.label || (/_bias_(.+)_\d+$/.exec(node.id)?.[1] ?? "bias");
    default:
      return node.label || `#${node.index ?? node.id}`;
  }
}

function layerName(node) {
  if (node.kind === "logit") return "logits";
  return node.layer === EMBEDDING_LAYER ? "E" : `L${node.layer}`;
}

// Layer and position, and the token there unless the name says it already.
function placeOf(node) {
  const where = `${layerName(node)} · ${node.position}`;
  if (node.kind === "embedding") return where;
  return `${where} ${shownToken(graph.tokens[node.position] ?? "")}`;
}

function numberOf(node) {
  return node.kind === "logit" ? shownShare(node.probability) : shownNumber(node.activation);
}

function spokenName(node) {
  const kind = TYPE_NAMES[node.type] ?? KINDS[node.kind].name;
  const links = `${node.inputs.length} in, ${node.outputs.length} out`;
  const pinned = isPinned(node) ? ", pinned" : "";
  return `${nameOf(node)}, ${kind}, ${placeOf(node)}, ${links}${pinned}`;
}
