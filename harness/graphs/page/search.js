// Search over label, id, feature and token.

const MOST_FOUND = 12;
let haystack = null;

function listenToSearch() {
  const box = byId("search");
  box.addEventListener("input", () => showFound(search(box.value)));
  box.addEventListener("focus", () => showFound(search(box.value)));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") byId("found").querySelector("button")?.focus();
    else if (event.key === "Enter") byId("found").querySelector("button")?.click();
    else return;
    event.preventDefault();
  });
  byId("found").addEventListener("keydown", walkFound);
  onChange(["labels"], () => {
    haystack = null;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".search")) closeFound();
  });
}

// Words may stand in any order; all must be there.
function search(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  haystack ??= graph.nodes.map((node) => ({ node, text: searchable(node) }));
  return haystack
    .filter(({ text }) => wanted.every((word) => text.includes(word)))
    .map(({ node }) => node);
}

function searchable(node) {
  const feature = node.index === null ? "" : `${node.layer}/${node.index} #${node.index}`;
  const words = [
    nameOf(node),
    node.label,
    node.id,
    feature,
    layerName(node),
    KINDS[node.kind].name,
  ];
  return [...words, graph.tokens[node.position]].join(" ").toLowerCase();
}

function showFound(nodes) {
  const list = byId("found");
  const rows = nodes
    .slice(0, MOST_FOUND)
    .map((node) => element("li", {}, nodeButton(node, { onclick: () => goToFound(node) })));
  const more = nodes.length - MOST_FOUND;
  if (more > 0)
    rows.push(element("li", { class: "quiet" }, `and ${more.toLocaleString("en")} more`));
  if (nodes.length === 0 && byId("search").value.trim() !== "")
    rows.push(element("li", { class: "quiet" }, "No node has these words"));
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
  if (!list.hidden) byId("spoken").textContent = `${counted(nodes.length, "node")} found`;
  change({ found: new Set(nodes) });
}

function goToFound(node) {
  closeFound();
  goTo(node);
  plane.focus();
}

function closeFound() {
  byId("found").hidden = true;
  if (chosen.found.size > 0) change({ found: new Set() });
}

function leaveSearch() {
  byId("search").value = "";
  closeFound();
  plane.focus();
}

function walkFound(event) {
  const buttons = [...byId("found").querySelectorAll("button")];
  const place = buttons.indexOf(document.activeElement);
  if (event.key === "ArrowDown") buttons[Math.min(place + 1, buttons.length - 1)].focus();
  else if (event.key === "ArrowUp") (buttons[place - 1] ?? byId("search")).focus();
  else if (event.key === "Escape") leaveSearch();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
