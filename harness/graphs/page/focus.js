// What stands out: the node under the pointer or the selected one, with its links; pins; finds.

const MOST_FOCUS_LINKS = 300;
const QK_DASH = [5, 4];

function focusNode() {
  return chosen.hovered ?? chosen.selected;
}

function paintOverlay() {
  const context = cleared(overlayContext);
  const focus = focusNode();
  const inFocus = focus !== null && isVisible(focus);
  stage.classList.toggle("focused", inFocus || chosen.found.size > 0 || chosen.marked.size > 0);
  if (inFocus) paintFocus(context, focus);
  for (const node of [...chosen.found, ...chosen.marked]) paintFound(context, node);
  for (const node of chosen.pinned) paintPin(context, node);
  if (chosen.selected && isVisible(chosen.selected))
    ring(context, chosen.selected, layout.radius + 4, colour("--accent"), 2.2);
  paintLogitLabels(context);
}

function paintFocus(context, focus) {
  const links = shownLinks([...focus.inputs, ...focus.outputs]);
  links.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const drawn = links.slice(0, MOST_FOCUS_LINKS).reverse();
  const most = Math.abs(drawn.at(-1)?.weight ?? 1) || 1;
  for (const link of drawn) markLink(context, link, Math.abs(link.weight) / most, { faint: false });
  if (focus.qk) paintQk(context, focus);
  for (const link of drawn) {
    const other = link.source === focus ? link.target : link.source;
    markNode(context, other, layout.radius, colour(`--${other.kind}`));
    ring(context, other, layout.radius + 0.6, signColour(link.weight), 1.8);
  }
  markNode(context, focus, layout.radius + 1.5, colour(`--${focus.kind}`));
  ring(context, focus, layout.radius + 4, colour("--accent"), 1.6);
}

function shownLinks(links) {
  return links.filter((link) => isVisible(link.source) && isVisible(link.target));
}

// Queries and keys shape where a head looks; they are no part of the linear links, hence dashed.
function paintQk(context, focus) {
  const { queries, keys } = qkLists(focus);
  for (const [list, tone] of [
    [queries, colour("--query")],
    [keys, colour("--key")],
  ]) {
    const nodes = list.map(([id]) => graph.named.get(id)).filter((node) => node && isVisible(node));
    for (const node of nodes) {
      context.setLineDash(QK_DASH);
      context.lineWidth = 1.5;
      context.strokeStyle = tone;
      traceLink(context, node, focus);
      context.stroke();
      context.setLineDash([]);
      markNode(context, node, layout.radius, colour(`--${node.kind}`));
      ring(context, node, layout.radius + 2, tone, 1.6);
    }
  }
}

function paintFound(context, node) {
  if (!isVisible(node)) return;
  markNode(context, node, layout.radius + 0.5, colour(`--${node.kind}`));
  ring(context, node, layout.radius + 3, colour("--found"), 2);
}

function paintPin(context, node) {
  const group = supernodeOf(node);
  markNode(context, node, layout.radius, colour(`--${node.kind}`));
  ring(context, node, layout.radius + 2.2, group ? groupColour(group) : colour("--pin"), 2);
}
