// Nodes of any writer in one form: circuit-tracer, Neuronpedia, OpenMOSS, and this package.

const EMBEDDING_LAYER = -1;

function readNode(raw, order) {
  const kind = kindOf(raw.feature_type);
  const layer = layerOf(raw, kind);
  const said = logitWords(raw, kind);
  return {
    id: String(raw.node_id ?? raw.jsNodeId ?? `node ${order}`),
    originalId: String(raw.node_id ?? raw.jsNodeId ?? `node ${order}`),
    jsId: String(raw.jsNodeId ?? ""),
    order,
    kind,
    type: String(raw.feature_type ?? "unknown"),
    layer,
    position: wholeNumber(raw.ctx_idx),
    index: featureIndex(raw, kind, layer),
    label: typeof raw.clerp === "string" ? raw.clerp.trim() : "",
    activation: isNumber(raw.activation) ? raw.activation : null,
    influence: isNumber(raw.influence) ? raw.influence : null,
    token: said.token,
    probability: said.probability,
    qk: raw.qk_tracing_results ?? null,
  };
}

// Logits have no layer of their own here: writers say L or L + 1, and all stand on top.
function layerOf(raw, kind) {
  if (kind === "logit") return Infinity;
  if (kind === "embedding" || raw.layer === "E") return EMBEDDING_LAYER;
  const layer = wholeNumber(raw.layer);
  return layer >= EMBEDDING_LAYER ? layer : NaN;
}

// Numbers and their strings; null and "" are no zero.
function wholeNumber(value) {
  if (value === null || value === "") return NaN;
  return Number.isInteger(Number(value)) ? Number(value) : NaN;
}

// "Output "Paris" (p=0.306)" and "Logit "Paris" (p=0.306)" hold token and probability.
const LOGIT_WORDS = /^(?:output|logit)\s*:?\s*"([\s\S]*)"\s*\(p=([\d.eE+-]+)\)\s*$/i;

function logitWords(raw, kind) {
  if (kind !== "logit") return { token: null, probability: null };
  const found = LOGIT_WORDS.exec(raw.clerp ?? "");
  const given = isNumber(raw.token_prob) && raw.token_prob > 0 ? raw.token_prob : null;
  return {
    token: found ? found[1] : null,
    probability: given ?? (found && isNumber(Number(found[2])) ? Number(found[2]) : null),
  };
}

// Files pair layer and index in one number: (l + i)(l + i + 1) / 2 + i. OpenMOSS's own write the
// index as it is. The id tells which it is, where both could be.
function featureIndex(raw, kind, layer) {
  const feature = wholeNumber(raw.feature);
  if ((kind !== "feature" && kind !== "attention") || !(feature >= 0)) return null;
  const pair = unpaired(feature);
  const named = /^\d+_(?:cro_|lor_)?(\d+)_\d+$/.exec(String(raw.node_id));
  if (named && Number(named[1]) === feature && pair.index !== feature) return feature;
  return pair.layer === layer ? pair.index : feature;
}

function unpaired(number) {
  let sum = Math.floor((Math.sqrt(8 * number + 1) - 1) / 2);
  // The square root of a large number may be off by one.
  while ((sum * (sum + 1)) / 2 > number) sum -= 1;
  while (((sum + 1) * (sum + 2)) / 2 <= number) sum += 1;
  const index = number - (sum * (sum + 1)) / 2;
  return { layer: sum - index, index };
}

// Returns the nodes that have a place; the others are told of.
function readNodes(rawNodes, notices) {
  const nodes = rawNodes.map(readNode);
  const hasPlace = (node) => !Number.isNaN(node.layer) && node.position >= 0;
  const lost = nodes.filter((node) => !hasPlace(node));
  if (lost.length > 0) {
    notices.push(
      `${counted(lost.length, "node has", "nodes have")} no readable layer or position and ` +
        `cannot be drawn: ${listed(lost.map((node) => node.id))}.`,
    );
  }
  return nodes.filter(hasPlace);
}

function listed(words) {
  const most = 4;
  const more = words.length - most;
  return words.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
