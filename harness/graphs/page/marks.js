// Marks on a canvas: the colours of the page's theme, nodes and links.

const SUPERNODE_COLOURS = ["--group-1", "--group-2", "--group-3", "--group-4", "--group-5"];
let colours = null;

// Colours by the names of the style sheet; forgotten when the theme changes.
function colour(name) {
  colours ??= new Map();
  if (!colours.has(name)) {
    const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    colours.set(name, value);
  }
  return colours.get(name);
}

function forgetColours() {
  colours = null;
}

function signColour(weight) {
  return colour(weight < 0 ? "--negative" : "--positive");
}

function groupColour(group) {
  const place = chosen.supernodes.findIndex((each) => each.name === group.name);
  return colour(SUPERNODE_COLOURS[Math.max(0, place) % SUPERNODE_COLOURS.length]);
}

function tracePath(context, form, x, y, radius) {
  context.beginPath();
  if (form === "circle") {
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else if (form === "cross") {
    const arm = radius * 0.7;
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
  } else {
    const [first, ...rest] = CORNERS[form];
    context.moveTo(x + first[0] * radius, y + first[1] * radius);
    for (const [dx, dy] of rest) context.lineTo(x + dx * radius, y + dy * radius);
    context.closePath();
  }
}

function markNode(context, node, radius, fill) {
  const form = KINDS[node.kind].shape;
  tracePath(context, form, node.x, node.y, radius);
  context.fillStyle = fill;
  context.strokeStyle = form === "cross" ? fill : colour("--paper");
  context.lineWidth = form === "cross" ? 1.6 : 1;
  if (form !== "cross") context.fill();
  context.stroke();
}

function ring(context, node, radius, stroke, width) {
  tracePath(
    context,
    node.kind === "bias" ? "circle" : KINDS[node.kind].shape,
    node.x,
    node.y,
    radius,
  );
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.stroke();
}

// A curve that leaves and arrives upright, so that links of neighbours stay apart.
function traceLink(context, from, to) {
  const bend = (from.y - to.y) * 0.45;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(from.x, from.y - bend, to.x, to.y + bend, to.x, to.y);
}

function markLink(context, link, strength, { faint }) {
  traceLink(context, link.source, link.target);
  context.strokeStyle = faint ? colour("--link") : signColour(link.weight);
  // A weak link stays thin, but its colour can be seen.
  context.globalAlpha = faint ? 0.1 + 0.5 * strength : 0.25 + 0.7 * Math.sqrt(strength);
  context.lineWidth = faint ? 0.6 + 1.2 * strength : 0.8 + 3 * strength;
  context.stroke();
  context.globalAlpha = 1;
}
