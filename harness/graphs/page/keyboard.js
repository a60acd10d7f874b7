// The whole page without a mouse.

const WALK = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

function listenToKeys() {
  plane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (WALK.has(event.key)) walk(event.key);
    else if (event.key === "Enter" && chosen.selected) togglePin(chosen.selected);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches("input:not([type=range]), textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") clearAll(event.target);
    else if (writing) return;
    else if (event.key === "/") byId("search").focus();
    else if (event.key === "?") byId("help").showModal();
    else if (event.key === "p" && chosen.selected) togglePin(chosen.selected);
    else return;
    event.preventDefault();
  });
}

function walk(key) {
  const from = chosen.selected && isVisible(chosen.selected) ? chosen.selected : null;
  const to = from ? neighbour(layout, from, key) : firstNode();
  if (!to) return;
  select(to);
  bringIntoView(to);
}

// The likeliest output, from which one walks down to what made it.
function firstNode() {
  return [...layout.lanes].reverse().find((lane) => lane.length > 0)?.[0] ?? null;
}

function clearAll(target) {
  if (target === byId("search")) leaveSearch();
  else change({ selected: null, hovered: null, found: new Set(), marked: new Set() });
}

function speak() {
  byId("spoken").textContent = chosen.selected ? spokenName(chosen.selected) : "Nothing selected";
}
