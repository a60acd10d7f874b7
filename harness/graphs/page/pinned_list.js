// The pinned nodes as a list: tick some to group them into a supernode, rename it, take it apart.

const ticked = new Set();

function showPinned() {
  for (const node of ticked) if (!isPinned(node)) ticked.delete(node);
  const grouped = new Set(chosen.supernodes.flatMap((group) => group.members));
  byId("pinned").replaceChildren(
    ...chosen.supernodes.map(supernodeRow),
    ...chosen.pinned.filter((node) => !grouped.has(node)).map(pinnedRow),
  );
  byId("unpin-all").disabled = chosen.pinned.length === 0;
  byId("figure-save").disabled = chosen.pinned.length === 0;
  followTicks();
}

function pinnedRow(node) {
  return element(
    "li",
    { class: "pinned-row" },
    tickBox([node], nameOf(node)),
    nodeButton(node),
    unpinButton(node),
  );
}

function unpinButton(node) {
  return element(
    "button",
    {
      type: "button",
      class: "small",
      "aria-label": `Unpin ${nameOf(node)}`,
      title: "Unpin",
      onclick: () => togglePin(node),
    },
    "×",
  );
}

function tickBox(nodes, name) {
  return element("input", {
    type: "checkbox",
    "aria-label": `Tick ${name} to group it`,
    checked: nodes.every((node) => ticked.has(node)),
    onchange: (event) => {
      for (const node of nodes)
        if (event.target.checked) ticked.add(node);
        else ticked.delete(node);
      followTicks();
    },
  });
}

function supernodeRow(group) {
  const name = element("input", {
    type: "text",
    class: "group-label",
    value: group.name,
    "aria-label": `Name of supernode ${group.name}`,
    onchange: (event) => rename(group, event.target.value.trim()),
  });
  const row = element(
    "li",
    { class: "supernode" },
    element(
      "div",
      { class: "supernode-head" },
      tickBox(group.members, group.name),
      name,
      element(
        "button",
        { type: "button", class: "small", onclick: () => ungroup(group) },
        "Ungroup",
      ),
    ),
    element(
      "ul",
      { class: "rows" },
      ...group.members.map((node) =>
        element("li", { class: "pinned-row" }, nodeButton(node), unpinButton(node)),
      ),
    ),
  );
  row.style.setProperty("--tone", groupColour(group));
  return row;
}

function followTicks() {
  const few = ticked.size < 1;
  byId("group").disabled = few;
  byId("group").title = few ? "Tick pinned nodes first" : `Group ${counted(ticked.size, "node")}`;
}

function listenToGrouping() {
  byId("grouping").addEventListener("submit", (event) => {
    event.preventDefault();
    if (ticked.size > 0)
      group(freeName(byId("group-name").value.trim() || "supernode"), [...ticked]);
  });
  byId("unpin-all").addEventListener("click", () => change({ pinned: [], supernodes: [] }));
}

// A node belongs to one supernode: grouping takes it out of another.
function group(name, members) {
  const taken = new Set(members);
  const others = chosen.supernodes
    .map((each) => ({ ...each, members: each.members.filter((node) => !taken.has(node)) }))
    .filter((each) => each.members.length > 0);
  ticked.clear();
  byId("group-name").value = "";
  change({ supernodes: [...others, { name, members }] });
}

function rename(renamed, wanted) {
  const name = wanted === "" || wanted === renamed.name ? renamed.name : freeName(wanted);
  change({
    supernodes: chosen.supernodes.map((each) => (each === renamed ? { ...each, name } : each)),
  });
}

function ungroup(dissolved) {
  change({ supernodes: chosen.supernodes.filter((each) => each !== dissolved) });
}

function freeName(wanted) {
  const names = new Set(chosen.supernodes.map((each) => each.name));
  let name = wanted;
  for (let copy = 2; names.has(name); copy += 1) name = `${wanted} ${copy}`;
  return name;
}
