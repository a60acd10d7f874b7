// Mouse and touch on the plane: hovering shows, clicking selects, with Ctrl or Shift it pins.

function pointed(event) {
  const box = plane.getBoundingClientRect();
  const x = event.clientX - box.left + plane.scrollLeft;
  const y = event.clientY - box.top + plane.scrollTop;
  return nodeAt(layout, x, y);
}

function listenToPointer() {
  plane.addEventListener("pointermove", (event) => {
    const node = pointed(event);
    plane.classList.toggle("on-node", node !== null);
    if (node !== chosen.hovered) change({ hovered: node });
  });
  plane.addEventListener("pointerleave", () => change({ hovered: null }));
  plane.addEventListener("click", (event) => {
    const node = pointed(event);
    if (node && (event.ctrlKey || event.metaKey || event.shiftKey)) togglePin(node);
    else select(node);
  });
  plane.addEventListener("scroll", () => {
    followScroll();
    byId("tip").hidden = true;
    paintSoon();
  });
}

function bringIntoView(node) {
  const slack = 60;
  const [left, top] = [node.x - plane.scrollLeft, node.y - plane.scrollTop];
  if (left < MARGIN.left + slack || left > plane.clientWidth - slack)
    plane.scrollLeft = node.x - plane.clientWidth / 2;
  if (top < slack / 2 || top > plane.clientHeight - MARGIN.bottom - slack / 2)
    plane.scrollTop = node.y - plane.clientHeight / 2;
}

// A card beside the node under the pointer, kept inside the stage.
function showTip() {
  const tip = byId("tip");
  const node = chosen.hovered;
  tip.hidden = node === null || !isVisible(node) || !onScreen(node);
  if (tip.hidden) return;
  const facts = [TYPE_NAMES[node.type] ?? KINDS[node.kind].name, placeOf(node)];
  if (node.activation !== null) facts.push(`activation ${shownNumber(node.activation)}`);
  if (node.probability !== null) facts.push(`probability ${shownShare(node.probability)}`);
  tip.replaceChildren(
    element("strong", {}, nameOf(node)),
    ...facts.map((fact) => element("span", {}, fact)),
  );
  const [x, y] = [node.x - plane.scrollLeft, node.y - plane.scrollTop];
  const left = x + 16 + tip.offsetWidth > plane.clientWidth ? x - 16 - tip.offsetWidth : x + 16;
  const top = Math.min(
    Math.max(4, y - tip.offsetHeight / 2),
    plane.clientHeight - tip.offsetHeight - 4,
  );
  tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
}
