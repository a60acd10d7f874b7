// Why an attention feature looks where it does: contributors of its query and key (QK tracing).

function qkPanel(node) {
  if (!node.qk) return null;
  const { pairs, queries, keys } = qkLists(node);
  return element(
    "section",
    { class: "qk", id: "qk" },
    element("h3", {}, "Attention score: QK tracing"),
    pairList(pairs),
    dashed(
      "query",
      weightedList("Top queries", contributors(queries), { empty: "None was traced." }),
    ),
    dashed("key", weightedList("Top keys", contributors(keys), { empty: "None was traced." })),
  );
}

// The stroke by which the graph shows these contributors.
function dashed(role, list) {
  list
    .querySelector("h3")
    .append(element("span", { class: `dash ${role}`, "aria-hidden": "true" }));
  return list;
}

function contributors(list) {
  return list.filter(([id]) => qkNode(id)).map(([id, weight]) => ({ node: qkNode(id), weight }));
}

function qkNode(id) {
  return graph.named.get(id) ?? graph.qkOnly.get(id) ?? null;
}

function pairList(pairs) {
  const known = pairs.filter(([query, key]) => qkNode(query) && qkNode(key));
  if (known.length === 0) return null;
  known.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
  const rows = known.map(([query, key, weight]) =>
    element(
      "li",
      { class: "pair" },
      nodeButton(qkNode(query)),
      element("span", { "aria-label": "with" }, "×"),
      nodeButton(qkNode(key)),
      element("span", { class: "number" }, shownWeight(weight)),
    ),
  );
  return element(
    "section",
    { class: "links" },
    element("h3", {}, "Query × key", element("span", { class: "count" }, String(known.length))),
    element("ul", { class: "rows", "aria-label": "Query and key pairs" }, ...rows),
  );
}
