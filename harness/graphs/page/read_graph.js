// A graph as the page knows it: nodes in rows and columns, each with its links by strength.

function readGraph(file) {
  const notices = [];
  const metadata = file.metadata ?? {};
  const nodes = readNodes(file.nodes ?? [], notices);
  renameTwins(nodes, notices);
  const links = readLinks(file.links ?? [], nodes, notices);
  const byStrength = (a, b) => Math.abs(b.weight) - Math.abs(a.weight);
  links.sort(byStrength);
  for (const node of nodes) Object.assign(node, { inputs: [], outputs: [] });
  for (const link of links) {
    link.source.outputs.push(link);
    link.target.inputs.push(link);
  }
  const layers = assignRows(nodes);
  const named = new Map(nodes.map((node) => [node.id, node]));
  const qkOnly = readQkOnly(file.qk_only_nodes ?? {});
  tellOfQk(nodes, named, qkOnly, notices);
  const tokens = readTokens(metadata, nodes);
  return {
    metadata,
    qParams: file.qParams ?? {},
    nodes,
    links,
    layers,
    tokens,
    named,
    qkOnly,
    notices,
  };
}

// Row 0 holds embeddings, the last row logits; every layer between has a row, empty ones too.
function assignRows(nodes) {
  const inside = nodes.map((node) => node.layer).filter(Number.isFinite);
  const top = inside.reduce((most, layer) => Math.max(most, layer), EMBEDDING_LAYER);
  for (const node of nodes) node.row = node.kind === "logit" ? top + 2 : node.layer + 1;
  return ["E", ...Array.from({ length: top + 1 }, (_, layer) => String(layer)), "logits"];
}

function readTokens(metadata, nodes) {
  const tokens = (metadata.prompt_tokens ?? []).map(String);
  const last = nodes.reduce((most, node) => Math.max(most, node.position), -1);
  while (tokens.length <= last) tokens.push(`#${tokens.length}`);
  return tokens;
}

// Contributors of a query or key that pruning took out of the graph.
function readQkOnly(raw) {
  return new Map(
    Object.entries(raw).map(([id, node], place) => {
      const read = readNode({ node_id: id, ...node }, place);
      return [id, { ...read, id, inputs: [], outputs: [], pruned: true }];
    }),
  );
}

function qkLists(node) {
  return {
    pairs: node.qk.pair_wise_contributors ?? [],
    queries: node.qk.top_q_marginal_contributors ?? [],
    keys: node.qk.top_k_marginal_contributors ?? [],
  };
}

function tellOfQk(nodes, named, qkOnly, notices) {
  const unknown = new Set();
  for (const node of nodes.filter((each) => each.qk)) {
    const { pairs, queries, keys } = qkLists(node);
    const ids = [...pairs.flatMap(([q, k]) => [q, k]), ...[...queries, ...keys].map(([id]) => id)];
    for (const id of ids) if (!named.has(id) && !qkOnly.has(id)) unknown.add(String(id));
  }
  if (unknown.size > 0) {
    notices.push(
      `${counted(unknown.size, "QK contributor is", "QK contributors are")} not in the file: ` +
        `${listed([...unknown])}.`,
    );
  }
}
