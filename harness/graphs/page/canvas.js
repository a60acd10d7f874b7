// The two canvases: one that changes with layout and scrolling, one that follows the pointer.

const stage = byId("stage");
const plane = byId("plane");
const baseContext = byId("base").getContext("2d");
const overlayContext = byId("overlay").getContext("2d");
const LEAST_STAGE = 400;
const MOST_STAGE = 1100;
let layout = null;
let visibleNodes = [];
let strongestLinks = [];
let pendingPaint = false;

function relayout() {
  fitStage();
  visibleNodes = graph.nodes.filter(isVisible);
  const room = fillPlane();
  // A scroll bar that appeared has taken some of the room.
  if (room.height !== plane.clientHeight || room.width !== plane.clientWidth) fillPlane();
  gatherStrongest();
  fitCanvas(baseContext);
  fitCanvas(overlayContext);
  placeAxes();
  paint();
}

function fillPlane() {
  const room = { width: plane.clientWidth, height: plane.clientHeight };
  layout = layOut(visibleNodes, room);
  byId("extent").style.width = `${Math.floor(layout.width)}px`;
  byId("extent").style.height = `${Math.floor(layout.height)}px`;
  return room;
}

// High enough for a row a layer, but no lower than most of the window.
function fitStage() {
  const rows = graph.layers.length * (LEAST_ROW + 1.5);
  const wanted = Math.max(0.58 * window.innerHeight, rows + MARGIN.top + MARGIN.bottom);
  stage.style.height = `${Math.round(Math.min(Math.max(wanted, LEAST_STAGE), MOST_STAGE))}px`;
}

function gatherStrongest() {
  const shown = new Set(visibleNodes);
  strongestLinks = [];
  for (const link of graph.links) {
    if (strongestLinks.length >= chosen.strongest) break;
    if (shown.has(link.source) && shown.has(link.target)) strongestLinks.push(link);
  }
}

function fitCanvas(context) {
  const { canvas } = context;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(plane.clientWidth * ratio);
  canvas.height = Math.round(plane.clientHeight * ratio);
  canvas.style.width = `${plane.clientWidth}px`;
  canvas.style.height = `${plane.clientHeight}px`;
}

function paint() {
  paintBase();
  paintOverlay();
}

// Several changes within one frame are painted once.
function paintSoon() {
  if (pendingPaint) return;
  pendingPaint = true;
  requestAnimationFrame(() => {
    pendingPaint = false;
    paint();
  });
}

function cleared(context) {
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, plane.clientWidth, plane.clientHeight);
  context.translate(-plane.scrollLeft, -plane.scrollTop);
  return context;
}

function onScreen(node) {
  const x = node.x - plane.scrollLeft;
  return x > -20 && x < plane.clientWidth + 20;
}

function paintBase() {
  const context = cleared(baseContext);
  paintGrid(context);
  const most = Math.abs(strongestLinks[0]?.weight ?? 1) || 1;
  for (const link of [...strongestLinks].reverse())
    markLink(context, link, Math.abs(link.weight) / most, { faint: true });
  for (const node of visibleNodes) if (onScreen(node)) paintNode(context, node);
}

function paintNode(context, node) {
  // The more important, the darker; never so light that it is lost.
  context.globalAlpha = node.influence === null ? 1 : 1 - 0.45 * Math.min(1, node.influence);
  markNode(context, node, layout.radius, colour(`--${node.kind}`));
  context.globalAlpha = 1;
}

function paintGrid(context) {
  context.strokeStyle = colour("--grid");
  context.lineWidth = 1;
  context.beginPath();
  const right = layout.width - MARGIN.right;
  for (const y of layout.rowY) {
    context.moveTo(MARGIN.left, Math.round(y) + 0.5);
    context.lineTo(right, Math.round(y) + 0.5);
  }
  context.stroke();
  context.beginPath();
  const [top, bottom] = [layout.rowY.at(-1), layout.rowY[0]];
  for (const column of layout.columns.slice(1)) {
    context.moveTo(Math.round(column.left) + 0.5, top - layout.rowHeight / 2);
    context.lineTo(Math.round(column.left) + 0.5, bottom + layout.rowHeight / 2);
  }
  context.stroke();
}
