// What is known of a feature: logits, histogram and examples, of Neuronpedia's two formats.

const EXAMPLES_SHOWN = 5;
const TOKENS_AROUND = 14;

function detailsOf(node) {
  return featureDetails[node.id] ?? featureDetails[`${node.layer}_${node.index}`] ?? null;
}

function featureCard(details) {
  return [
    logitColumns(details.top_logits ?? details.pos_str, details.bottom_logits ?? details.neg_str),
    histogram(details),
    ...exampleGroups(details),
  ].filter(Boolean);
}

function logitColumns(top, bottom) {
  if (!top?.length && !bottom?.length) return null;
  const column = (title, tokens, tone) =>
    element(
      "div",
      {},
      element("h4", {}, title),
      element(
        "p",
        { class: `logits ${tone}` },
        ...tokens
          .slice(0, 10)
          .map((token) => element("span", { class: "token" }, shownToken(token))),
      ),
    );
  return element(
    "section",
    { class: "logit-columns" },
    top?.length ? column("Raises", top, "positive") : null,
    bottom?.length ? column("Lowers", bottom, "negative") : null,
  );
}

function histogram(details) {
  const heights = details.freq_hist_data_bar_heights ?? details.histogram;
  if (!Array.isArray(heights) || heights.length === 0 || !heights.every(isNumber)) return null;
  const most = heights.reduce((a, b) => Math.max(a, b), 0) || 1;
  const width = 100 / heights.length;
  const bars = heights.map((height, place) =>
    shape("rect", {
      x: place * width + 0.1 * width,
      width: 0.8 * width,
      y: 32 - 32 * (height / most),
      height: 32 * (height / most),
    }),
  );
  const values = details.freq_hist_data_bar_values ?? [];
  const [low, high] = [
    details.act_min ?? values[0],
    details.act_max ?? details.maxActApprox ?? values.at(-1),
  ];
  const density = details.activation_frequency ?? details.frac_nonzero;
  return element(
    "section",
    { class: "histogram" },
    element(
      "h4",
      {},
      "Activations",
      isNumber(density)
        ? element("span", { class: "count" }, `on ${shownNumber(100 * density)} % of tokens`)
        : null,
    ),
    shape(
      "svg",
      {
        viewBox: "0 0 100 32",
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `Histogram of activations from ${shownNumber(low)} to ${shownNumber(high)}`,
      },
      ...bars,
    ),
    element(
      "p",
      { class: "ends" },
      element("span", {}, shownNumber(low)),
      element("span", {}, shownNumber(high)),
    ),
  );
}

// [{name, examples: [{tokens, values}]}] of either format.
function examplesOf(details) {
  if (Array.isArray(details.examples_quantiles)) {
    return details.examples_quantiles.map((band) => ({
      name: String(band.quantile_name ?? "Examples"),
      examples: (band.examples ?? []).map((each) => ({
        tokens: each.tokens ?? [],
        values: each.tokens_acts_list ?? [],
      })),
    }));
  }
  const examples = (details.activations ?? []).map(({ tokens = [], values = [] }) => ({
    tokens,
    values,
  }));
  return examples.length > 0 ? [{ name: "Top activations", examples }] : [];
}

function exampleGroups(details) {
  const groups = examplesOf(details).filter((group) => group.examples.length > 0);
  const most =
    groups
      .flatMap((group) => group.examples.flatMap((each) => each.values))
      .filter(isNumber)
      .reduce((a, b) => Math.max(a, b), 0) || 1;
  return groups.map((group, place) =>
    element(
      "details",
      { class: "examples", open: place === 0 },
      element(
        "summary",
        {},
        group.name,
        element("span", { class: "count" }, String(group.examples.length)),
      ),
      ...group.examples.slice(0, EXAMPLES_SHOWN).map((each) => exampleLine(each, most)),
    ),
  );
}

// The strongest token with those around it, each as dark as it is active.
function exampleLine({ tokens, values }, most) {
  const peak = values.reduce((best, value, place) => (value > values[best] ? place : best), 0);
  const first = Math.max(0, peak - TOKENS_AROUND);
  const shown = tokens.slice(first, peak + TOKENS_AROUND + 1);
  const spans = shown.map((token, place) => activeToken(token, values[first + place], most));
  return element(
    "p",
    { class: "example" },
    first > 0 ? "… " : null,
    ...spans,
    first + shown.length < tokens.length ? " …" : null,
  );
}

function activeToken(token, value, most) {
  const text = String(token).replaceAll("\n", "⏎");
  if (!isNumber(value) || value <= 0) return text;
  const span = element("mark", { title: `activation ${shownNumber(value)}` }, text);
  span.style.setProperty("--strength", `${Math.round(12 + 68 * Math.min(1, value / most))}%`);
  return span;
}
