// The likeliest outputs by name, slanted above their squares.

const MOST_LOGIT_LABELS = 12;

function paintLogitLabels(context) {
  const logits = layout.lanes.at(-1).filter((node) => node.kind === "logit");
  logits.sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0));
  context.textBaseline = "middle";
  logits.slice(0, MOST_LOGIT_LABELS).forEach((node, place) => {
    context.save();
    context.translate(node.x + 1, node.y - layout.radius - 6);
    context.rotate(-Math.PI / 4);
    context.fillStyle = colour(place === 0 ? "--ink" : "--soft");
    context.font = `${place === 0 ? "600 " : ""}11.5px ${SANS}`;
    const share = node.probability === null ? "" : `  ${shownShare(node.probability)}`;
    context.fillText(shortened(nameOf(node).replace(/[“”]/g, ""), 11.5, 48) + share, 0, 0);
    context.restore();
  });
}
