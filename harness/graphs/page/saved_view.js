// What a file says of the view (`qParams`), read into the choices and written out of them again.

const NO_THRESHOLD = 1;

function openSavedView() {
  const saved = graph.qParams;
  const known = (ids) => ids.map(savedNode).filter(Boolean);
  const supernodes = (saved.supernodes ?? [])
    .map(([name, ...ids]) => ({ name: String(name), members: known(ids) }))
    .filter((group) => group.members.length > 0);
  const pinned = known(saved.pinnedIds ?? []);
  const grouped = supernodes.flatMap((group) => group.members);
  change({
    labels: new Map(
      (saved.clerps ?? []).map(([id, label]) => [savedNode(id)?.id ?? String(id), String(label)]),
    ),
    threshold: firstThreshold(),
    pinned: [...new Set([...pinned, ...grouped])],
    supernodes,
  });
  const clicked = saved.clickedId ? savedNode(saved.clickedId) : null;
  if (clicked) select(clicked);
  tellOfLostPins(saved);
}

// Older files name nodes by `jsNodeId`, which can stand for a feature at several positions.
function savedNode(id) {
  const named = graph.named.get(String(id));
  if (named) return named;
  const alike = graph.nodes.filter((node) => node.jsId === String(id));
  return alike.length === 1 ? alike[0] : null;
}

function tellOfLostPins(saved) {
  const ids = [
    ...(saved.pinnedIds ?? []),
    ...(saved.supernodes ?? []).flatMap((group) => group.slice(1)),
  ];
  const lost = ids.filter((id) => !savedNode(id));
  if (lost.length > 0) {
    graph.notices.push(
      `${counted(lost.length, "pinned id is", "pinned ids are")} not among the nodes: ` +
        `${listed(lost.map(String))}.`,
    );
  }
}

function firstThreshold() {
  const { node_threshold: own, pruning_settings: pruning } = graph.metadata;
  const wanted = [own, pruning?.node_threshold].find(isNumber) ?? NO_THRESHOLD;
  return Math.min(wanted, greatestInfluence());
}

// Rounded up to what the slider can show; 1 where no node has an influence.
function greatestInfluence() {
  const known = graph.nodes.map((node) => node.influence).filter(isNumber);
  if (known.length === 0) return NO_THRESHOLD;
  return Math.ceil(known.reduce((a, b) => Math.max(a, b)) * 100 - 1e-9) / 100;
}

function savedView() {
  return {
    ...graph.qParams,
    pinnedIds: chosen.pinned.map((node) => node.id),
    supernodes: chosen.supernodes.map(({ name, members }) => [
      name,
      ...members.map((member) => member.id),
    ]),
    clerps: [...chosen.labels],
    clickedId: chosen.selected?.id ?? "",
  };
}
