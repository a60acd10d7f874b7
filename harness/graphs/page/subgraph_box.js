// One box of the subgraph, a node or a supernode.

// Colours stand on the shapes themselves, so that a saved figure looks the same elsewhere.
function boxShape(box) {
  const tone = box.group ? groupColour(box.group) : colour(`--${box.members[0].kind}`);
  const isSelected = box.members.includes(chosen.selected);
  const outer = {
    width: box.width,
    height: BOX.height,
    rx: 7,
    fill: colour("--paper"),
    stroke: isSelected ? colour("--accent") : tone,
    "stroke-width": isSelected ? 2.4 : 1.4,
  };
  const behind =
    box.group && box.members.length > 1
      ? shape("rect", {
          ...outer,
          x: 4,
          y: -4,
          stroke: tone,
          "stroke-width": 1.2,
          "stroke-opacity": 0.6,
        })
      : null;
  const made = shape(
    "g",
    {
      class: "box",
      transform: `translate(${box.x} ${box.y})`,
      tabindex: 0,
      role: "button",
      "data-box": box.name,
      "aria-label": boxWords(box),
      onkeydown: (event) => event.key === "Enter" && goTo(chief(box)),
      onpointerenter: () => change({ marked: new Set(box.members) }),
      onpointerleave: () => change({ marked: new Set() }),
      onpointerdown: (event) => drag(event, box, made),
    },
    behind,
    shape("rect", outer),
    boxMark(box, tone),
    boxText(box),
    shape("title", {}, boxWords(box)),
  );
  return made;
}

function boxWords(box) {
  return box.group
    ? `${box.name}: ${box.members.map(nameOf).join(", ")}`
    : spokenName(box.members[0]);
}

function boxMark(box, tone) {
  const middle = BOX.height / 2;
  if (box.group) {
    return shape(
      "text",
      {
        x: 12,
        y: middle + 4,
        fill: tone,
        "font-family": SANS,
        "font-size": 11.5,
        "font-weight": 700,
      },
      String(box.members.length),
    );
  }
  const form = KINDS[box.members[0].kind].shape;
  const place = `translate(17 ${middle})`;
  if (form === "circle") return shape("circle", { r: 4.6, transform: place, fill: tone });
  if (form === "cross")
    return shape("path", { d: "M-4 0H4M0 -4V4", transform: place, stroke: tone });
  return shape("path", { d: outline(form, 4.8), transform: place, fill: tone });
}

function boxText(box) {
  return shape(
    "text",
    {
      x: box.lead,
      y: BOX.height / 2 + 4.4,
      fill: colour("--ink"),
      "font-family": SANS,
      "font-size": BOX.letters,
      "font-weight": box.group ? 600 : 400,
    },
    box.text,
  );
}

// The member that matters most stands for a supernode.
function chief(box) {
  return [...box.members].sort((a, b) => (a.influence ?? 2) - (b.influence ?? 2))[0];
}
