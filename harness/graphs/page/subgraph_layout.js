// Boxes of the subgraph: a pinned node or a supernode each, with the links between them added up.

const BOX = { height: 30, gap: 16, row: 64, highest: 92, most: 230, margin: 18, letters: 12.5 };

function subgraphBoxes() {
  const grouped = new Set(chosen.supernodes.flatMap((group) => group.members));
  const single = chosen.pinned.filter((node) => !grouped.has(node));
  return [
    ...chosen.supernodes.map((group) =>
      boxOf(`group:${group.name}`, group.name, group.members, group),
    ),
    ...single.map((node) => boxOf(`node:${node.id}`, nameOf(node), [node], null)),
  ];
}

function boxOf(key, name, members, group) {
  const mean = (of) => members.reduce((sum, node) => sum + of(node), 0) / members.length;
  // A supernode begins with the count of its members, and its name is bold.
  const lead = group ? 20 + textWidth(String(members.length), BOX.letters) : 30;
  const text = shortened(name, BOX.letters, (BOX.most - lead - 14) / (group ? 1.12 : 1));
  return {
    key,
    name,
    text,
    lead,
    members,
    group,
    level: Math.round(mean((node) => node.row)),
    column: mean((node) => node.position),
    width: Math.max(54, textWidth(text, BOX.letters) * (group ? 1.12 : 1) + lead + 14),
  };
}

// Weight from box to box is the sum over the links of their members.
function subgraphLinks(boxes) {
  const boxOfNode = new Map(boxes.flatMap((box) => box.members.map((node) => [node, box])));
  const sums = new Map();
  for (const [node, target] of boxOfNode) {
    for (const link of node.inputs) {
      const source = boxOfNode.get(link.source);
      if (!source || source === target) continue;
      const key = `${source.key}\n${target.key}`;
      const known = sums.get(key);
      if (known) known.weight += link.weight;
      else sums.set(key, { source, target, weight: link.weight });
    }
  }
  return [...sums.values()].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
}

// Levels that hold a box are stacked evenly; boxes keep the order of their tokens from left to
// right, spread over the whole width whatever the distances between the tokens are.
function placeBoxes(boxes, room) {
  const levels = [...new Set(boxes.map((box) => box.level))].sort((a, b) => b - a);
  const lines = levels.map((level) =>
    boxes.filter((box) => box.level === level).sort((a, b) => a.column - b.column),
  );
  const columns = [...new Set(boxes.map((box) => box.column))].sort((a, b) => a - b);
  const needed = lines.map((line) => line.reduce((sum, box) => sum + box.width + BOX.gap, BOX.gap));
  const width = Math.max(room.width, ...needed.map((need) => need + BOX.margin));
  const slot = (width - 2 * BOX.margin) / columns.length;
  const spare = (room.height - 2 * BOX.margin - BOX.height) / Math.max(1, levels.length - 1);
  const step = Math.min(BOX.highest, Math.max(BOX.row, spare));
  lines.forEach((line, place) => {
    for (const box of line) {
      box.x = BOX.margin + (columns.indexOf(box.column) + 0.5) * slot - box.width / 2;
      box.y = BOX.margin + place * step;
    }
    pushApart(line, width);
  });
  return { width, height: 2 * BOX.margin + (levels.length - 1) * step + BOX.height };
}

// From the left edge to the right, and back again for those that were pushed out.
function pushApart(line, width) {
  let free = BOX.margin;
  for (const box of line) {
    box.x = Math.max(free, box.x);
    free = box.x + box.width + BOX.gap;
  }
  let edge = width - BOX.margin;
  for (const box of [...line].reverse()) {
    box.x = Math.min(box.x, edge - box.width);
    edge = box.x - BOX.gap;
  }
}
