// Elements of the page. What comes from a graph goes in as text alone, never as markup.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function byId(id) {
  return document.getElementById(id);
}

function element(tag, options = {}, ...children) {
  return furnish(document.createElement(tag), options, children);
}

function shape(tag, options = {}, ...children) {
  return furnish(document.createElementNS(SVG_NAMESPACE, tag), options, children);
}

// Strings among the children become text nodes; a key like "onclick" takes a function.
function furnish(made, options, children) {
  for (const [key, value] of Object.entries(options)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function embedded(id) {
  return JSON.parse(byId(id).textContent);
}

// One context to measure text with; the font must be that of the text.
const measuring = document.createElement("canvas").getContext("2d");
const SANS = 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif';

function textWidth(text, pixels) {
  measuring.font = `${pixels}px ${SANS}`;
  return measuring.measureText(text).width;
}

function shortened(text, pixels, room) {
  if (textWidth(text, pixels) <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${text.slice(0, middle)}…`, pixels) <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}
