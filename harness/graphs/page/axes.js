// Tokens below and layers at the left: text that scrolls with the plane in one direction only.

function placeAxes() {
  const floor = plane.clientHeight - MARGIN.bottom;
  byId("tokens").parentElement.style.top = `${floor}px`;
  byId("tokens").parentElement.style.width = `${plane.clientWidth}px`;
  byId("layers").parentElement.style.height = `${floor}px`;
  byId("tokens").replaceChildren(...layout.columns.map(tokenLabel));
  byId("layers").replaceChildren(...graph.layers.map(layerLabel).filter(Boolean));
  followScroll();
}

function tokenLabel(column, position) {
  const label = element("span", { title: `${position}: ${graph.tokens[position]}` });
  label.textContent = shownToken(graph.tokens[position]);
  label.style.left = `${column.left + 4}px`;
  label.style.width = `${column.width - 8}px`;
  return label;
}

// Rows too low for their text name every other layer.
function layerLabel(name, row) {
  const crowded = layout.rowHeight < 15;
  if (crowded && row % 2 === 0 && row !== 0) return null;
  const label = element("span", {}, name);
  label.style.top = `${layout.rowY[row]}px`;
  return label;
}

function followScroll() {
  byId("tokens").style.transform = `translateX(${-plane.scrollLeft}px)`;
  byId("layers").style.transform = `translateY(${-plane.scrollTop}px)`;
}
