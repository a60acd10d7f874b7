// The panel at the side: the selected node with its facts, links and feature; else an overview.

function showDetails() {
  const node = chosen.selected;
  const content =
    node === null
      ? overview()
      : [nodeHead(node), facts(node), qkPanel(node), ...knownOfFeature(node), linkLists(node)];
  const panel = byId("details");
  const hadFocus = panel.contains(document.activeElement);
  panel.replaceChildren(...content.filter(Boolean));
  // What had the focus is gone; the keyboard goes on at the node's head.
  if (hadFocus) byId("pin")?.focus({ preventScroll: true });
}

function nodeHead(node) {
  const label = element("input", {
    type: "text",
    class: "label",
    id: "label",
    value: nameOf(node),
    spellcheck: "false",
    "aria-label": "Label of this node",
    title: "Write a label of your own",
    onchange: (event) => relabel(node, event.target.value.trim()),
  });
  const pin = element(
    "button",
    {
      type: "button",
      id: "pin",
      "aria-pressed": String(isPinned(node)),
      onclick: () => togglePin(node),
    },
    isPinned(node) ? "Unpin" : "Pin",
  );
  return element(
    "div",
    { class: "node-head" },
    kindIcon(node.kind),
    label,
    node.pruned ? null : pin,
  );
}

// An empty label, or the node's own name, takes the person's label away.
function relabel(node, label) {
  const labels = new Map(chosen.labels);
  if (label === "" || label === ownName(node)) labels.delete(node.id);
  else labels.set(node.id, label);
  change({ labels });
}

function facts(node) {
  const rows = [
    ["Kind", TYPE_NAMES[node.type] ?? KINDS[node.kind].name],
    ["Layer", node.kind === "logit" ? null : layerName(node).replace("L", "")],
    ["Feature", node.index],
    ["Token", `“${shownToken(graph.tokens[node.position] ?? "")}” at ${node.position}`],
    ["Probability", node.probability === null ? null : shownShare(node.probability)],
    ["Activation", node.activation === null ? null : shownNumber(node.activation)],
    ["Influence", node.influence === null ? null : node.influence.toFixed(3)],
    ["Supernode", supernodeOf(node)?.name ?? null],
    ["Id", node.id],
  ];
  return element(
    "dl",
    { class: "facts" },
    ...rows
      .filter(([, value]) => value !== null)
      .map(([key, value]) =>
        element("div", {}, element("dt", {}, key), element("dd", {}, String(value))),
      ),
  );
}

function knownOfFeature(node) {
  const details = detailsOf(node);
  if (details) return featureCard(details);
  const isFeature = node.kind === "feature" || node.kind === "attention";
  return isFeature
    ? [element("p", { class: "quiet" }, "No examples of this feature are in the page.")]
    : [];
}

// With nothing selected: the graph in words, which is also what a screen reader gets of it.
function overview() {
  const features = graph.nodes.filter(
    (node) =>
      node.influence !== null &&
      isVisible(node) &&
      (node.kind === "feature" || node.kind === "attention"),
  );
  features.sort((a, b) => a.influence - b.influence);
  const logits = graph.nodes.filter((node) => node.kind === "logit");
  logits.sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0));
  return [
    element("h2", {}, "Overview"),
    element("p", { class: "quiet" }, "Select a node to see its links. What matters most:"),
    nodeList("Outputs", logits.slice(0, 5)),
    nodeList("Most influential features", features.slice(0, 12)),
    strongestList(),
  ];
}

function nodeList(title, nodes) {
  if (nodes.length === 0) return null;
  const rows = nodes.map((node) => {
    const button = nodeButton(node);
    button.append(
      element(
        "span",
        { class: "weight" },
        element(
          "span",
          { class: "number" },
          node.kind === "logit" ? shownShare(node.probability) : node.influence.toFixed(3),
        ),
      ),
    );
    return element("li", {}, button);
  });
  const unit = nodes[0].kind === "logit" ? "probability" : "influence";
  return element(
    "section",
    { class: "links" },
    element("h3", {}, title, element("span", { class: "count" }, unit)),
    element("ul", { class: "rows", "aria-label": title }, ...rows),
  );
}

function strongestList() {
  const links = strongestLinks.slice(0, 12);
  if (links.length === 0) return null;
  const rows = links.map((link) =>
    element(
      "li",
      { class: "pair" },
      nodeButton(link.source),
      element("span", { "aria-label": "to" }, "→"),
      nodeButton(link.target),
      element("span", { class: "number" }, shownWeight(link.weight)),
    ),
  );
  return element(
    "section",
    { class: "links" },
    element("h3", {}, "Strongest links"),
    element("ul", { class: "rows", "aria-label": "Strongest links" }, ...rows),
  );
}
