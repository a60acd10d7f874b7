// Numbers and tokens as a person reads them.

const DASH = "—";

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

// Three digits that count, with a true minus sign; what is not there is a dash, never a zero.
function shownNumber(value) {
  if (!isNumber(value)) return DASH;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size >= 1e5 || size < 1e-4 ? size.toExponential(2) : trimmed(size);
  return value < 0 ? `−${digits}` : digits;
}

function trimmed(size) {
  return size >= 1000 ? Math.round(size).toLocaleString("en") : size.toPrecision(3);
}

function shownWeight(value) {
  return isNumber(value) && value > 0 ? `+${shownNumber(value)}` : shownNumber(value);
}

function shownShare(value) {
  return isNumber(value) ? `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %` : DASH;
}

function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

// White space that would not be seen gets a sign; a token of nothing but spaces too.
function shownToken(token) {
  const text = String(token).replaceAll("\r", "␍").replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  if (text === "") return "∅";
  return text.trim() === "" ? "␣".repeat(text.length) : text.trim();
}
