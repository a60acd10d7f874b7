// What the graph is of: prompt, model, scores and how it was made; and what the reader noticed.

const SCORES = [
  { name: "Replacement", keys: ["replacement_score", "graph_replacement_score", "replacement"] },
  {
    name: "Completeness",
    keys: ["completeness_score", "graph_completeness_score", "completeness"],
  },
];

function showHeader() {
  const { metadata } = graph;
  const prompt = metadata.prompt || graph.tokens.join("");
  byId("prompt").textContent = prompt.trim() || "Attribution graph";
  byId("prompt").title = prompt;
  document.title = `Attribution graph: ${prompt.trim().slice(0, 80)}`;
  const slug = metadata.slug ? [metadata.slug] : [];
  byId("model").textContent = [
    "Attribution graph",
    metadata.scan ?? "model not named",
    ...slug,
  ].join("  ·  ");
  byId("scores").replaceChildren(...scoresOf(metadata).flatMap(scoreCells), ...sizeCells());
  showProvenance(metadata);
  byId("notices").replaceChildren(
    ...graph.notices.map((text) => element("p", { class: "notice" }, text)),
  );
}

function scoresOf(metadata) {
  const homes = [
    metadata.info,
    metadata.info?.scores,
    metadata.scores,
    metadata.generation_settings,
    metadata,
  ];
  return SCORES.flatMap(({ name, keys }) => {
    const values = homes.flatMap((home) => keys.map((key) => home?.[key])).filter(isNumber);
    return values.length > 0 ? [{ name, value: values[0] }] : [];
  });
}

function scoreCells({ name, value }) {
  return [element("div", {}, element("dt", {}, name), element("dd", {}, value.toFixed(3)))];
}

function sizeCells() {
  const cell = (name, count) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, count.toLocaleString("en")));
  return [cell("Nodes", graph.nodes.length), cell("Links", graph.links.length)];
}

function showProvenance(metadata) {
  const { prompt, prompt_tokens: tokens, ...rest } = metadata;
  const rows = flattened(rest);
  byId("provenance").hidden = rows.length === 0;
  byId("provenance-list").replaceChildren(
    ...rows.map(([key, value]) =>
      element("div", {}, element("dt", {}, key), element("dd", {}, value)),
    ),
  );
}

// Nested settings become rows "generation_settings · seed"; empty ones are left out.
function flattened(value, path = []) {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return value.length > 0 ? [[path.join(" · "), value.join(", ")]] : [];
  if (typeof value === "object")
    return Object.entries(value).flatMap(([key, inner]) => flattened(inner, [...path, key]));
  const time = path.at(-1) === "create_time_ms" && isNumber(value);
  return [[path.join(" · "), time ? new Date(value).toISOString() : String(value)]];
}
