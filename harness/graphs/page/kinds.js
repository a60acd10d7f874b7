// The kinds of nodes that are told apart by shape, and the feature types of files behind them.

const KINDS = {
  feature: { name: "transcoder feature", many: "Transcoder features", shape: "circle" },
  attention: { name: "attention feature", many: "Attention features", shape: "triangle" },
  error: { name: "reconstruction error", many: "Errors", shape: "diamond" },
  embedding: { name: "embedding", many: "Embeddings", shape: "square" },
  logit: { name: "logit", many: "Logits", shape: "square" },
  bias: { name: "bias", many: "Biases", shape: "cross" },
};

const KIND_OF_TYPE = {
  "cross layer transcoder": "feature",
  "unexplored node": "feature",
  unknown: "feature",
  lorsa: "attention",
  "mlp reconstruction error": "error",
  "lorsa error": "error",
  embedding: "embedding",
  logit: "logit",
  bias: "bias",
};

const TYPE_NAMES = {
  "mlp reconstruction error": "MLP reconstruction error",
  "lorsa error": "attention reconstruction error",
  lorsa: "attention feature (Lorsa)",
  "cross layer transcoder": "transcoder feature",
};

function kindOf(type) {
  return KIND_OF_TYPE[type] ?? (String(type).includes("error") ? "error" : "feature");
}

// Corners of each shape on a circle of radius one, y downwards; a circle has none.
const CORNERS = {
  triangle: [
    [0, -1.15],
    [1.1, 0.8],
    [-1.1, 0.8],
  ],
  diamond: [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  square: [
    [-0.95, -0.95],
    [0.95, -0.95],
    [0.95, 0.95],
    [-0.95, 0.95],
  ],
};

function kindIcon(kind) {
  const icon = shape("svg", {
    class: `icon ${kind}`,
    viewBox: "-7 -7 14 14",
    width: 14,
    height: 14,
    "aria-hidden": "true",
  });
  const form = KINDS[kind].shape;
  if (form === "circle") icon.append(shape("circle", { r: 4.6 }));
  else if (form === "cross") icon.append(shape("path", { d: "M-3 0H3M0 -3V3" }));
  else icon.append(shape("path", { d: outline(form, 4.6) }));
  return icon;
}

function outline(form, radius) {
  return `M${CORNERS[form].map(([x, y]) => `${x * radius} ${y * radius}`).join("L")}Z`;
}
