// What can be taken out of the page: the view as JSON, and the subgraph as a figure.

function listenToExport() {
  byId("export-open").addEventListener("click", () => {
    byId("export-text").value = `${JSON.stringify({ qParams: savedView() }, null, 2)}\n`;
    byId("export").showModal();
    byId("export-text").select();
  });
  byId("export-download").addEventListener("click", () =>
    download(`${fileName()}.qparams.json`, "application/json", byId("export-text").value),
  );
  byId("export-copy").addEventListener("click", copyExport);
  byId("figure-save").addEventListener("click", () =>
    download(`${fileName()}.subgraph.svg`, "image/svg+xml", figureText()),
  );
}

function fileName() {
  return String(graph.metadata.slug ?? "graph").replace(/[^\w.-]+/g, "_");
}

// A page of a file may not be let at the clipboard; the text is selected for the person then.
async function copyExport() {
  const text = byId("export-text");
  text.select();
  const copied = navigator.clipboard
    ? await navigator.clipboard.writeText(text.value).then(
        () => true,
        () => false,
      )
    : false;
  byId("export-copy").textContent = copied ? "Copied" : "Selected: press Ctrl C";
}

function figureText() {
  const figure = byId("subgraph-figure").cloneNode(true);
  figure.setAttribute("xmlns", SVG_NAMESPACE);
  for (const box of figure.querySelectorAll(".box")) box.removeAttribute("tabindex");
  return new XMLSerializer().serializeToString(figure);
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = element("a", { download: name });
  link.href = address;
  link.click();
  URL.revokeObjectURL(address);
}
