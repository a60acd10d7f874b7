// What the person has chosen. Every change goes through `change`, which tells those who draw.

const graph = readGraph(embedded("graph-data"));
const featureDetails = embedded("feature-data");

const chosen = {
  selected: null,
  hovered: null,
  pinned: [],
  supernodes: [],
  labels: new Map(),
  threshold: 1,
  hiddenKinds: new Set(),
  spread: 1,
  strongest: 120,
  found: new Set(),
  marked: new Set(),
};

const listeners = [];

// `keys` are names of `chosen`; the listener runs once for any change among them.
function onChange(keys, listener) {
  listeners.push({ keys: new Set(keys), listener });
}

function change(fields) {
  Object.assign(chosen, fields);
  const changed = Object.keys(fields);
  for (const { keys, listener } of listeners) if (changed.some((key) => keys.has(key))) listener();
}

// What pins, tokens and outputs are is always shown; a node without influence is never hidden.
function isVisible(node) {
  if (node.pruned) return false;
  if (isPinned(node)) return true;
  if (chosen.hiddenKinds.has(node.kind)) return false;
  if (node.kind === "embedding" || node.kind === "logit") return true;
  return node.influence === null || node.influence <= chosen.threshold + 1e-9;
}

function isPinned(node) {
  return pinnedSet.has(node);
}

// Follows `chosen.pinned`, because drawing asks for it once a node.
let pinnedSet = new Set();
onChange(["pinned"], () => {
  pinnedSet = new Set(chosen.pinned);
});

// Selecting a node that the slider or the legend hides brings it back.
function select(node) {
  if (node && !isVisible(node)) reveal(node);
  change({ selected: node, hovered: null });
}

function reveal(node) {
  const hiddenKinds = new Set(chosen.hiddenKinds);
  hiddenKinds.delete(node.kind);
  change({ hiddenKinds, threshold: Math.max(chosen.threshold, node.influence ?? 0) });
}

function togglePin(node) {
  if (!isPinned(node)) {
    change({ pinned: [...chosen.pinned, node] });
    return;
  }
  const supernodes = chosen.supernodes
    .map((group) => ({ ...group, members: group.members.filter((member) => member !== node) }))
    .filter((group) => group.members.length > 0);
  change({ pinned: chosen.pinned.filter((each) => each !== node), supernodes });
}

function supernodeOf(node) {
  return chosen.supernodes.find((group) => group.members.includes(node)) ?? null;
}
