// A node as a row of a list that leads to it, and links as such rows.

const FIRST_ROWS = 25;

function goTo(node) {
  if (node.pruned) {
    change({ selected: node, hovered: null });
    return;
  }
  select(node);
  bringIntoView(node);
}

function nodeButton(node, { onclick = () => goTo(node), weight = null, strength = 0 } = {}) {
  const button = element(
    "button",
    {
      type: "button",
      class: "row",
      onclick,
      "data-node": node.id,
      title: spokenName(node),
      onpointerenter: () => !node.pruned && change({ hovered: node }),
      onpointerleave: () => chosen.hovered === node && change({ hovered: null }),
    },
    kindIcon(node.kind),
    nameCell(node),
  );
  if (weight !== null) button.append(weightCell(weight, strength));
  return button;
}

function nameCell(node) {
  const state = node.pruned ? "pruned" : isPinned(node) ? "pinned" : null;
  return element(
    "span",
    { class: "words" },
    element("span", { class: "name" }, nameOf(node)),
    element(
      "span",
      { class: "where" },
      state ? element("span", { class: "state" }, `${state} · `) : null,
      placeOf(node),
    ),
  );
}

function weightCell(weight, strength) {
  const bar = element("span", { class: weight < 0 ? "bar-fill negative" : "bar-fill positive" });
  bar.style.width = `${Math.max(2, 100 * strength)}%`;
  return element(
    "span",
    { class: "weight" },
    element("span", { class: "number" }, shownWeight(weight)),
    element("span", { class: "bar-room" }, bar),
  );
}

// `entries` are [{node, weight}]; the rest waits behind a button.
function weightedList(title, entries, { empty }) {
  const sorted = [...entries].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const most = Math.abs(sorted[0]?.weight ?? 1) || 1;
  const list = element("ul", { class: "rows", "aria-label": title });
  const add = (some) =>
    list.append(
      ...some.map(({ node, weight }) =>
        element("li", {}, nodeButton(node, { weight, strength: Math.abs(weight) / most })),
      ),
    );
  add(sorted.slice(0, FIRST_ROWS));
  const rest = sorted.slice(FIRST_ROWS);
  const more = element(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => {
        add(rest);
        more.remove();
      },
    },
    `Show ${rest.length.toLocaleString("en")} more`,
  );
  return element(
    "section",
    { class: "links" },
    element(
      "h3",
      {},
      title,
      element("span", { class: "count" }, sorted.length.toLocaleString("en")),
    ),
    sorted.length > 0 ? list : element("p", { class: "quiet" }, empty),
    rest.length > 0 ? more : null,
  );
}

function linkLists(node) {
  if (node.pruned) {
    return element(
      "p",
      { class: "quiet" },
      "Pruning took this node out of the graph; it is known as a contributor of a query or key.",
    );
  }
  const side = (title, links, end, empty) => {
    const shown = links.filter((link) => isVisible(link[end]));
    const hidden = links.length - shown.length;
    const entries = shown.map((link) => ({ node: link[end], weight: link.weight }));
    const section = weightedList(title, entries, { empty });
    if (hidden > 0)
      section.append(
        element(
          "p",
          { class: "quiet" },
          `${hidden.toLocaleString("en")} hidden by slider or legend`,
        ),
      );
    return section;
  };
  return element(
    "div",
    { class: "link-lists" },
    side("Inputs", node.inputs, "source", "Nothing flows into this node."),
    side("Outputs", node.outputs, "target", "Nothing flows out of this node."),
  );
}
