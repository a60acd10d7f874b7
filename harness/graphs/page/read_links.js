// Links as pairs of nodes; those that lack an end or a weight are counted and told of.

function readLinks(rawLinks, nodes, notices) {
  const named = groupedBy(nodes, (node) => node.originalId);
  const unknown = new Set();
  const ends = [];
  let [lost, unweighted] = [0, 0];
  for (const raw of rawLinks) {
    const [sources, targets] = [raw.source, raw.target].map((id) => named.get(String(id)));
    if (!sources) unknown.add(String(raw.source));
    if (!targets) unknown.add(String(raw.target));
    if (!sources || !targets) lost += 1;
    else if (!isNumber(raw.weight)) unweighted += 1;
    else ends.push({ sources, target: receiver(targets), weight: raw.weight });
  }
  tellOfLinks({ lost, unknown, unweighted, unsure: settleSources(ends) }, notices);
  return ends.map(({ sources, target, weight }) => ({ source: sources[0], target, weight }));
}

// Nothing flows into an error.
function receiver(targets) {
  return targets.find((node) => node.kind !== "error") ?? targets[0];
}

function tellOfLinks({ lost, unknown, unweighted, unsure }, notices) {
  if (lost > 0) {
    notices.push(
      `${counted(lost, "link names", "links name")} a node that is not in the file and ` +
        `cannot be drawn: ${listed([...unknown])}.`,
    );
  }
  if (unsure > 0) {
    notices.push(
      `${counted(unsure, "link")} of such an id could come from the feature or from the error; ` +
        "the feature has it here.",
    );
  }
  if (unweighted > 0) {
    notices.push(`${counted(unweighted, "link has", "links have")} no weight and cannot be drawn.`);
  }
}
