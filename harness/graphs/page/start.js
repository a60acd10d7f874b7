// Wires choices to what shows them, and draws for the first time.

function wire() {
  onChange(["threshold", "hiddenKinds", "spread", "pinned"], relayout);
  onChange(["strongest"], () => {
    gatherStrongest();
    paintSoon();
  });
  onChange(["selected", "hovered", "found", "marked", "supernodes", "labels"], paintOverlay);
  onChange(["hovered"], showTip);
  onChange(["selected"], () => {
    speak();
    byId("details").scrollTop = 0;
  });
  onChange(["selected", "pinned", "supernodes", "labels", "threshold", "hiddenKinds"], showDetails);
  onChange(["selected", "pinned", "supernodes", "labels"], showSubgraph);
  onChange(["pinned", "supernodes", "labels"], showPinned);
}

function followPage() {
  const room = () => `${window.innerHeight} ${plane.clientWidth} ${plane.clientHeight}`;
  let seen = room();
  const follow = () => {
    if (room() === seen) return;
    relayout();
    seen = room();
    showSubgraph();
  };
  new ResizeObserver(follow).observe(plane);
  window.addEventListener("resize", follow);
  const themes = matchMedia("(prefers-color-scheme: dark)");
  themes.addEventListener("change", () => {
    forgetColours();
    paint();
    showSubgraph();
    showPinned();
  });
}

function start() {
  openSavedView();
  showHeader();
  showControls();
  relayout();
  wire();
  showDetails();
  showSubgraph();
  showPinned();
  listenToPointer();
  listenToKeys();
  listenToSearch();
  listenToGrouping();
  listenToExport();
  followPage();
  plane.setAttribute("aria-label", graphInWords());
  // Outputs stand at the end of a prompt, and one reads a graph from them.
  if (chosen.selected) bringIntoView(chosen.selected);
  else plane.scrollLeft = layout.width;
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

function graphInWords() {
  const kinds = [...groupedBy(graph.nodes, (node) => node.kind)].map(
    ([kind, nodes]) => `${nodes.length} ${KINDS[kind].many.toLowerCase()}`,
  );
  return (
    `Attribution graph of ${counted(graph.tokens.length, "token")}: ${kinds.join(", ")}, ` +
    `${counted(graph.links.length, "link")}. Arrow keys walk over the nodes.`
  );
}

// For scripts that take pictures of the page: where a node is on the screen, and its selection.
window.attributionGraph = Object.freeze({
  ids: () => graph.nodes.filter(isVisible).map((node) => node.id),
  selected: () => chosen.selected?.id ?? null,
  place(id) {
    const node = graph.named.get(id);
    bringIntoView(node);
    const box = plane.getBoundingClientRect();
    return { x: box.left + node.x - plane.scrollLeft, y: box.top + node.y - plane.scrollTop };
  },
});

start();
