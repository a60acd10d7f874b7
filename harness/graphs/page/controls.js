// Sliders and the legend, which also hides kinds of nodes.

function bindSlider(id, key, shown) {
  const slider = byId(id);
  const follow = () => {
    slider.value = String(chosen[key]);
    byId(`${id}-value`).textContent = shown();
  };
  slider.addEventListener("input", () => change({ [key]: Number(slider.value) }));
  onChange([key, "hiddenKinds", "pinned"], follow);
  follow();
}

function showControls() {
  bindInfluence();
  bindSlider("spread", "spread", () => `${chosen.spread.toFixed(1)}×`);
  bindSlider("strongest", "strongest", () => `${Math.min(chosen.strongest, graph.links.length)}`);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  byId("help-shapes").replaceChildren(
    ...Object.keys(KINDS).map((kind) => element("li", {}, kindIcon(kind), KINDS[kind].name)),
  );
  onChange(["hiddenKinds"], showLegend);
  showLegend();
}

function bindInfluence() {
  const slider = byId("influence");
  slider.max = String(greatestInfluence());
  bindSlider("influence", "threshold", () => {
    if (slider.disabled) return "not in this file";
    const shown = graph.nodes.filter(isVisible).length;
    const all = counted(graph.nodes.length, "node");
    return `≤ ${chosen.threshold.toFixed(2)} · ${shown.toLocaleString("en")} of ${all}`;
  });
  if (!graph.nodes.some((node) => node.influence !== null)) {
    slider.disabled = true;
    byId("influence-value").textContent = "not in this file";
  }
}

function showLegend() {
  const counts = groupedBy(graph.nodes, (node) => node.kind);
  const kinds = Object.keys(KINDS).filter((kind) => counts.has(kind));
  byId("legend").replaceChildren(
    ...kinds.map((kind) =>
      element(
        "button",
        {
          type: "button",
          class: "chip",
          "data-kind": kind,
          "aria-pressed": String(!chosen.hiddenKinds.has(kind)),
          title: "Show or hide",
          onclick: () => toggleKind(kind),
        },
        kindIcon(kind),
        KINDS[kind].many,
        element("span", { class: "count" }, counts.get(kind).length.toLocaleString("en")),
      ),
    ),
    linkLegend(),
  );
}

function linkLegend() {
  const sign = (name, words) => element("span", { class: `sign ${name}` }, words);
  return element(
    "span",
    { class: "signs" },
    sign("positive", "raises"),
    sign("negative", "lowers"),
  );
}

function toggleKind(kind) {
  const hiddenKinds = new Set(chosen.hiddenKinds);
  if (!hiddenKinds.delete(kind)) hiddenKinds.add(kind);
  change({ hiddenKinds });
  document.querySelector(`[data-kind="${kind}"]`).focus();
}
