// Where nodes stand: tokens are columns, layers are rows, nodes of one cell spread sideways.

const MARGIN = { left: 50, top: 70, right: 76, bottom: 34 };
const LEAST_ROW = 15;
const NODE_STEP = 10;
const WIDEST_STEP = 15;
const LOGIT_STEP = 20;
const WIDEST_CELL = 190;
const TOKEN_LETTERS = 12;
const WIDEST_TOKEN = 116;

// `room` is the size of the visible part; the result may be larger and then scrolls.
function layOut(nodes, room) {
  const rows = graph.layers.length;
  const rowHeight = Math.max(LEAST_ROW, (room.height - MARGIN.top - MARGIN.bottom) / rows);
  const cells = groupedBy(nodes, (node) => node.row * graph.tokens.length + node.position);
  const columns = placeColumns(columnWidths(cells), room.width - MARGIN.left - MARGIN.right);
  const height = MARGIN.top + rows * rowHeight + MARGIN.bottom;
  const rowY = graph.layers.map((_, row) => MARGIN.top + (rows - 1 - row + 0.5) * rowHeight);
  for (const cell of cells.values()) placeCell(cell, columns[cell[0].position], rowY);
  const last = columns.at(-1);
  const width = (last ? last.left + last.width : MARGIN.left) + MARGIN.right;
  return {
    columns,
    rowY,
    rowHeight,
    width,
    height,
    lanes: lanesOf(nodes),
    radius: radiusOf(rowHeight),
  };
}

function columnWidths(cells) {
  const crowded = new Array(graph.tokens.length).fill(0);
  for (const cell of cells.values()) {
    const step = cell[0].kind === "logit" ? LOGIT_STEP : NODE_STEP;
    const { position } = cell[0];
    crowded[position] = Math.max(crowded[position], cell.length * step);
  }
  return crowded.map((width, position) => {
    const token = Math.min(
      textWidth(shownToken(graph.tokens[position]), TOKEN_LETTERS),
      WIDEST_TOKEN,
    );
    return Math.max(token + 18, 34, (Math.min(width, WIDEST_CELL) + 18) * chosen.spread);
  });
}

// A short prompt is stretched over the room there is.
function placeColumns(widths, room) {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const spare = Math.max(0, room - total) / widths.length;
  let left = MARGIN.left;
  return widths.map((width) => {
    const column = { left, width: width + spare };
    left += column.width;
    return column;
  });
}

function placeCell(cell, column, rowY) {
  const isLogits = cell[0].kind === "logit";
  if (isLogits) cell.sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0));
  const widest = isLogits ? LOGIT_STEP : WIDEST_STEP * Math.max(1, chosen.spread);
  const step = Math.min(widest, (column.width - 14) / cell.length);
  cell.forEach((node, place) => {
    node.x = column.left + column.width / 2 + (place - (cell.length - 1) / 2) * step;
    node.y = rowY[node.row];
  });
}

// The nodes of each row from left to right: for the pointer and for the arrow keys.
function lanesOf(nodes) {
  const lanes = graph.layers.map(() => []);
  for (const node of nodes) lanes[node.row].push(node);
  for (const lane of lanes) lane.sort((a, b) => a.x - b.x);
  return lanes;
}

function radiusOf(rowHeight) {
  return Math.min(5.2, Math.max(3.6, rowHeight * 0.2));
}

// The nearest node within reach of a point of the plane, or null.
function nodeAt(layout, x, y) {
  const reach = Math.max(9, layout.radius + 4);
  let best = null;
  let least = reach;
  layout.rowY.forEach((rowY, row) => {
    if (Math.abs(rowY - y) > reach) return;
    for (const node of layout.lanes[row]) {
      const distance = Math.hypot(node.x - x, rowY - y);
      if (distance < least) [best, least] = [node, distance];
    }
  });
  return best;
}

// Where an arrow key leads: along the row, or to the nearest node of the next row that has one.
function neighbour(layout, node, key) {
  const lane = layout.lanes[node.row];
  if (key === "ArrowLeft") return lane[lane.indexOf(node) - 1] ?? null;
  if (key === "ArrowRight") return lane[lane.indexOf(node) + 1] ?? null;
  const step = key === "ArrowUp" ? 1 : -1;
  let row = node.row + step;
  while (layout.lanes[row] && layout.lanes[row].length === 0) row += step;
  const others = layout.lanes[row] ?? [];
  return others.reduce(
    (near, other) =>
      near && Math.abs(near.x - node.x) <= Math.abs(other.x - node.x) ? near : other,
    null,
  );
}
