// The subgraph as a drawing that can be saved: boxes, and the links between them.

const LEAST_DRAWING = 288;
let subgraph = { boxes: [], links: [] };

function showSubgraph() {
  const home = byId("drawing");
  const boxes = subgraphBoxes();
  byId("pinned-count").textContent =
    boxes.length > 0 ? counted(chosen.pinned.length, "pinned node") : "";
  if (boxes.length === 0) {
    home.replaceChildren(
      element(
        "p",
        { class: "empty" },
        "Pin nodes to build a subgraph: Ctrl-click a node, or select it and press p.",
      ),
    );
    return;
  }
  const size = placeBoxes(boxes, { width: home.clientWidth - 2, height: LEAST_DRAWING });
  home.parentElement.style.setProperty("--wanted", `${size.height + 12}px`);
  for (const box of boxes) Object.assign(box, dragged.get(box.key));
  subgraph = { boxes, links: subgraphLinks(boxes) };
  home.replaceChildren(subgraphDrawing(subgraph, size));
}

function subgraphDrawing({ boxes, links }, size) {
  const most = Math.abs(links.at(-1)?.weight ?? 1) || 1;
  const curves = shape("g", { fill: "none" }, ...links.map((link) => linkCurve(link, most)));
  return shape(
    "svg",
    {
      id: "subgraph-figure",
      width: size.width,
      height: size.height,
      viewBox: `0 0 ${size.width} ${size.height}`,
      role: "group",
      "aria-label": `Subgraph of ${counted(boxes.length, "box", "boxes")} and ${counted(links.length, "link")}`,
    },
    curves,
    ...boxes.map(boxShape),
  );
}

function linkCurve(link, most) {
  const strength = Math.abs(link.weight) / most;
  return shape(
    "path",
    {
      d: linkPath(link),
      stroke: signColour(link.weight),
      "stroke-linecap": "round",
      "stroke-width": (0.8 + 4.2 * strength).toFixed(2),
      "stroke-opacity": (0.3 + 0.55 * strength).toFixed(2),
      "data-weight": link.weight,
    },
    shape("title", {}, `${link.source.name} → ${link.target.name}: ${shownWeight(link.weight)}`),
  );
}

function linkPath({ source, target }) {
  const [x1, y1] = [source.x + source.width / 2, source.y];
  const [x2, y2] = [target.x + target.width / 2, target.y + BOX.height];
  const bend = Math.max(18, (y1 - y2) * 0.5);
  return `M${x1} ${y1}C${x1} ${y1 - bend} ${x2} ${y2 + bend} ${x2} ${y2}`;
}
