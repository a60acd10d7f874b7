// Boxes of the subgraph are dragged; one that is let go where it was is clicked.

// Where boxes were put, by their keys, for as long as the page is open.
const dragged = new Map();

function drag(event, box, made) {
  const start = { x: event.clientX - box.x, y: event.clientY - box.y };
  let moved = false;
  made.setPointerCapture(event.pointerId);
  const move = (at) => {
    moved ||= Math.hypot(at.clientX - event.clientX, at.clientY - event.clientY) > 3;
    if (!moved) return;
    box.x = at.clientX - start.x;
    box.y = at.clientY - start.y;
    dragged.set(box.key, { x: box.x, y: box.y });
    made.setAttribute("transform", `translate(${box.x} ${box.y})`);
    const curves = byId("subgraph-figure").querySelectorAll("path[data-weight]");
    subgraph.links.forEach((link, place) => curves[place].setAttribute("d", linkPath(link)));
  };
  const drop = () => {
    made.removeEventListener("pointermove", move);
    if (!moved) goTo(chief(box));
  };
  made.addEventListener("pointermove", move);
  made.addEventListener("pointerup", drop, { once: true });
}
