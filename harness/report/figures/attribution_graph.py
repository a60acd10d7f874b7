"""An attribution graph as a picture: tokens across, layers upward, the strongest links between."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path

from harness.graphs.arrays import GraphArrays, probability_of, to_arrays
from harness.graphs.attribution_graph import ERROR_TYPES, AttributionGraph, Node
from harness.report.figures.graph_places import Places, group_of, place_nodes
from harness.report.figures.style import COLOURS, INK, SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.figures.token_labels import token_label, token_labels
from harness.report.material import Material
from harness.report.wording import words

PREFIX = "attribution."
"""Begins the name of these figures, which stand in a section of their own."""
MOST_LINKS = 120
RAISES, LOWERS = COLOURS[0], COLOURS[1]
GROUP_COLOURS = ("#009e73", "#cc4c94", "#f2c500", "#7a4b2a", "#6a4fc0", "#56cbe9")
"""Of supernodes: none is that of a link. More supernodes begin again."""
_SHAPES = {"feature": "o", "error": "D", "embedding": "s", "logit": "s"}
_COLOURS = {"feature": "#a9b3bd", "error": "#eceff2", "embedding": INK, "logit": INK}
_EDGES = {"feature": "white", "error": SOFT, "embedding": "white", "logit": "white"}
_NAMES = {"feature": "feature", "error": "error", "embedding": "embedding, output"}
_ROOM = (WIDTH_INCHES - 1.0) * 72
"""Points that all columns share; the rest is for the names of the rows."""
_MOST_BESIDE = 6
"""Entries of the legend in one line."""
_TOKEN = re.compile(r'"(.*)"', re.DOTALL)
_NAME_HEIGHT = 12.0
"""Points from one slanted name to the next."""


class _Sight(NamedTuple):
    """A graph with where its nodes stand and which links are drawn."""

    graph: AttributionGraph
    arrays: GraphArrays
    places: Places
    strongest: Int[np.ndarray, " drawn"]
    """Weakest first: what is strong lies above."""


def attribution_graphs(material: Material) -> Iterator[Drawing]:
    """The first graph of each experiment that kept graphs."""
    for each in material.traced:
        if each.graph is not None:
            yield attribution_graph(each.experiment, each.graph)


def attribution_graph(experiment: str, graph: AttributionGraph) -> Drawing:
    """One graph. Raises `HarnessError` for a graph that `to_arrays` refuses."""
    arrays = to_arrays(graph)
    labels = token_labels(graph.metadata.prompt_tokens)
    places = place_nodes(graph, arrays, labels=labels, room=_ROOM)
    strongest = np.argsort(-np.abs(arrays.weight), kind="stable")[:MOST_LINKS][::-1]
    sight = _Sight(graph, arrays, places, strongest)
    rows = int(places.row.max(initial=1)) + 1
    inches = float(np.clip(6 / rows, 0.24, 0.72))
    figure = new_figure(WIDTH_INCHES, 1.1 + rows * inches)
    axes = figure.subplots()
    edge = 0.16 / inches
    axes.set(xlim=(0, _ROOM), ylim=(-edge, rows - 1 + edge))
    _draw_links(axes, sight)
    _draw_nodes(axes, sight)
    _name_logits(axes, sight)
    _name_sides(axes, labels, places, rows)
    handles = _legend(sight)
    columns = -(-len(handles) // -(-len(handles) // _MOST_BESIDE))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=1.4)
    return Drawing(figure_name(experiment), _caption(experiment, sight), figure)


def figure_name(experiment: str) -> str:
    """The name of its picture."""
    return f"{PREFIX}{experiment}"


def _draw_links(axes: Axes, sight: _Sight) -> None:
    """Wide and dark where strong."""
    arrays, drawn = sight.arrays, sight.strongest
    if not len(drawn):
        return
    weight = arrays.weight[drawn]
    share = np.abs(weight) / max(float(np.abs(weight).max()), np.finfo(np.float64).tiny)
    colours = [
        to_rgba(RAISES if sign > 0 else LOWERS, 0.22 + 0.58 * float(part))
        for sign, part in zip(weight, share, strict=True)
    ]
    curves = [
        _curve(sight.places, source, target)
        for source, target in zip(arrays.source[drawn], arrays.target[drawn], strict=True)
    ]
    links = PathCollection(curves, facecolors="none", edgecolors=colours, zorder=1)
    links.set_linewidth((0.5 + 2.7 * share).tolist())
    links.set_label("links")
    axes.add_collection(links, autolim=False)


def _curve(places: Places, source: int, target: int) -> Path:
    """Leaves and arrives upright, and goes round the layers that it skips."""
    start, end = ((places.x[each], float(places.row[each])) for each in (source, target))
    rise = end[1] - start[1]
    bow = min(9.0 * (rise - 1), 27.0) if abs(end[0] - start[0]) < 40 else 0.0
    bends = ((start[0] - bow, start[1] + 0.45 * rise), (end[0] - bow, end[1] - 0.45 * rise))
    return Path((start, *bends, end), (Path.MOVETO, *[Path.CURVE4] * 3))


def _draw_nodes(axes: Axes, sight: _Sight) -> None:
    """One scatter a kind and colour."""
    size = float(np.clip(0.62 * sight.places.step, 3.4, 7.5))
    groups = group_of(sight.graph)
    looks: dict[tuple[str, int | None], list[int]] = {}
    for place, node in enumerate(sight.graph.nodes):
        group = groups.get(node.node_id)
        looks.setdefault((_kind(node), group), []).append(place)
    for (kind, group), members in looks.items():
        axes.scatter(
            sight.places.x[members],
            sight.places.row[members],
            s=(0.82 * size if kind == "error" else size) ** 2,
            marker=_SHAPES[kind],
            color=_COLOURS[kind] if group is None else _colour(group),
            edgecolors=_EDGES[kind] if group is None else INK,
            linewidths=0.1 * size,
            zorder=3 if group is None else 4,
            label=kind,
        )


def _name_logits(axes: Axes, sight: _Sight) -> None:
    """From the likeliest on, as many as do not cover each other; slanted where they are several."""
    nodes, x = sight.graph.nodes, sight.places.x
    logits = [place for place, node in enumerate(nodes) if node.feature_type == "logit"]
    logits.sort(key=lambda place: -(probability_of(nodes[place]) or 0))
    slanted, taken = len(logits) > 1, list[float]()
    for place in logits:
        if any(abs(x[place] - other) < _NAME_HEIGHT for other in taken):
            continue
        taken.append(float(x[place]))
        axes.annotate(
            _logit_name(nodes[place]),
            (taken[-1], float(sight.places.row[place])),
            (0, 7),
            textcoords="offset points",
            rotation=45 if slanted else 0,
            rotation_mode="anchor",
            ha="left" if slanted else "center",
            va="bottom",
            fontsize=8,
            parse_math=False,
        )


def _logit_name(node: Node) -> str:
    """`·Austin 0.41`, or the label as it is where it is in no known form."""
    found = _TOKEN.search(node.clerp)
    name = token_label(found[1] if found else node.clerp, longest=16)
    probability = probability_of(node)
    return name if probability is None else f"{name}  {probability:.2f}"


def _name_sides(axes: Axes, labels: Sequence[str], places: Places, rows: int) -> None:
    layers = range(1, rows - 1)
    every = -(-len(layers) // 16) or 1
    shown = [0, *layers[::every], rows - 1]
    names = ["embedding", *(f"layer {row - 1}" for row in layers[::every]), "output"]
    axes.set_yticks(shown, names)
    style: dict[str, Any] = {"fontsize": 8, "parse_math": False}
    if places.columns.upright:
        style |= {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(places.columns.middle, labels, **style)
    axes.tick_params(length=0, pad=4)
    axes.spines[:].set_visible(False)
    axes.hlines(range(rows), 0, _ROOM, color="#edf0f2", linewidth=0.8, zorder=0)


def _legend(sight: _Sight) -> list[Line2D]:
    """Links, then kinds that are there, then supernodes."""
    kinds = {_kind(node) for node in sight.graph.nodes}
    marks = [
        _mark(name, _SHAPES[kind], _COLOURS[kind], _EDGES[kind])
        for kind, name in _NAMES.items()
        if kind in kinds
    ]
    groups = [
        _mark(f"“{words(name)}”", "o", _colour(number), INK)
        for number, (name, *_) in enumerate(sight.graph.qParams.supernodes or ())
    ]
    signs = ((RAISES, "raises its target"), (LOWERS, "lowers its target"))
    links = [Line2D([], [], color=colour, linewidth=2, label=name) for colour, name in signs]
    return [*links, *marks, *groups]


def _mark(name: str, marker: str, colour: str, edge: str) -> Line2D:
    mark = Line2D([], [], linestyle="none", marker=marker, markersize=6, label=name)
    mark.set(markerfacecolor=colour, markeredgecolor=edge, markeredgewidth=0.7)
    return mark


def _kind(node: Node) -> str:
    if node.feature_type in ("embedding", "logit"):
        return node.feature_type
    return "error" if node.feature_type in ERROR_TYPES else "feature"


def _colour(group: int) -> str:
    return GROUP_COLOURS[group % len(GROUP_COLOURS)]


def _caption(experiment: str, sight: _Sight) -> str:
    total, drawn = len(sight.arrays.weight), len(sight.strongest)
    which = f"the {drawn} strongest of {total:,} links" if drawn < total else f"all {total} links"
    coloured = (
        " Coloured are members of supernodes; one of which pruning left nothing is not shown."
        if sight.graph.qParams.supernodes
        else ""
    )
    return (
        f"Attribution graph of “{sight.graph.metadata.prompt}”, the first prompt of experiment "
        f"{experiment}, after pruning. Tokens stand from left to right, layers upward, outputs "
        f"with their probabilities on top. Drawn are {which}, wide and dark where strong: blue "
        f"raises its target, red lowers it.{coloured}"
    )
