// Ids that stand for two nodes, and which of the two a link comes from.
//
// circuit-tracer names the error of layer 7 at position 3 "0_7_3", and feature 7 of layer 0 there
// too. Errors are named anew. A link of such an id goes to the node that can have sent it: nothing
// flows into an error, only lower layers reach a target, and the links of one target stand in the
// order of their sources' nodes.

function renameTwins(nodes, notices) {
  const groups = groupedBy(nodes, (node) => node.id);
  const twins = [...groups.values()].filter((group) => group.length > 1);
  const taken = new Set(groups.keys());
  for (const group of twins) {
    const others = group.filter((node) => node.kind !== "error");
    const errors = group.filter((node) => node.kind === "error");
    for (const node of [...errors, ...others.slice(1)]) node.id = freshId(node, taken);
  }
  if (twins.length > 0) {
    notices.push(
      `${counted(twins.length, "id stands", "ids stand")} for more than one node ` +
        `(${listed(twins.map((group) => group[0].originalId))}), as circuit-tracer writes errors. ` +
        "The errors among them are named {layer}_error_{position} here.",
    );
  }
}

function groupedBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function freshId(node, taken) {
  const wanted = node.kind === "error" ? `${node.layer}_error_${node.position}` : node.id;
  let id = wanted;
  for (let copy = 2; taken.has(id); copy += 1) id = `${wanted} (${copy})`;
  taken.add(id);
  return id;
}

// `ends` are {sources, target}, the sources those nodes that have the link's source id. Leaves one
// source each; returns how many links two could have sent, which the feature keeps.
function settleSources(ends) {
  if (ends.every(({ sources }) => sources.length === 1)) return 0;
  for (const end of ends) {
    const lower = end.sources.filter((node) => node.layer < end.target.layer);
    if (lower.length > 0) end.sources = lower;
  }
  const byTarget = [...groupedBy(ends, ({ target }) => target).values()];
  if (inNodeOrder(byTarget)) byTarget.forEach(narrowByOrder);
  const unsure = ends.filter(({ sources }) => sources.length > 1);
  for (const end of unsure)
    end.sources = [end.sources.find((node) => node.kind !== "error") ?? end.sources[0]];
  return unsure.length;
}

// Only a file that shows the order, and never breaks it, is read by it.
function inNodeOrder(byTarget) {
  const certain = byTarget.map((ends) =>
    ends.filter(({ sources }) => sources.length === 1).map(({ sources }) => sources[0].order),
  );
  return (
    certain.some((orders) => orders.length > 1) &&
    certain.every((orders) =>
      orders.every((order, place) => place === 0 || orders[place - 1] < order),
    )
  );
}

// A source stands after those before it and before those after it.
function narrowByOrder(ends) {
  const limits = [];
  let limit = Infinity;
  for (const { sources } of [...ends].reverse()) {
    limits.push(limit);
    const fitting = sources.map((node) => node.order).filter((order) => order < limit);
    if (fitting.length > 0) limit = Math.max(...fitting);
  }
  limits.reverse();
  let least = -1;
  ends.forEach((end, place) => {
    const between = end.sources.filter(({ order }) => least < order && order < limits[place]);
    if (between.length > 0) end.sources = between;
    least = Math.max(least, end.sources[0].order);
  });
}
