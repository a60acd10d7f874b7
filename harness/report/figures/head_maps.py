"""Scores of every head as maps of layers and heads, with the chosen heads framed."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from harness.metrics import get_metric
from harness.report.figures.heat_map import Scale, Sides, Values, colour_bar, heat, scale_for
from harness.report.figures.style import COLOURS, WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material, Setting
from harness.report.wording import joined, words

Head = tuple[int, int]
_CHOICE = "held_apart_prefix_matching_score"
_NAMED = 3
"""Heads named below each map."""


def head_maps(material: Material) -> Iterator[Drawing]:
    """One figure a judged experiment that scored every head; of others where none is judged."""
    every = material.spec.experiments
    shown = {each.id for each in every if each.judged} or {each.id for each in every}
    cells = [each for each in material.settings if _is_cell(each) and each.experiment in shown]
    for experiment, found in groupby(cells, key=lambda each: each.experiment):
        yield _draw(experiment, list(found), _chosen(material, experiment))


def _is_cell(setting: Setting) -> bool:
    return setting.control is None and set(setting.conditions) == {"model", "layer", "head"}


def _place(setting: Setting) -> Head:
    return cast(int, setting.conditions["layer"]), cast(int, setting.conditions["head"])


def _chosen(material: Material, experiment: str) -> list[Head]:
    """The heads that held-apart units chose with the first seed, from the best downwards."""
    rows = [
        row
        for row in material.measurements
        if row.experiment == experiment and row.metric == _CHOICE
    ]
    first = [row for row in rows if row.seed == rows[0].seed]
    ranked = sorted(first, key=lambda row: cast(int, row.conditions["rank"]))
    return [(cast(int, r.conditions["layer"]), cast(int, r.conditions["head"])) for r in ranked]


def _draw(experiment: str, cells: Sequence[Setting], chosen: Sequence[Head]) -> Drawing:
    metrics = list(dict.fromkeys(each.metric for each in cells))
    maps = [_values([each for each in cells if each.metric == metric]) for metric in metrics]
    layers = maps[0].shape[0]
    width = WIDTH_INCHES * min(1, 0.08 + 0.25 * len(metrics))
    figure = new_figure(width, min(max(0.17 * layers + 1.5, 2.6), 12))
    grid = figure.subplots(1, len(metrics), sharey=True, squeeze=False)
    for axes, metric, values in zip(grid.flat, metrics, maps, strict=True):
        _map(figure, axes, metric, values)
        _frame(axes, chosen)
    grid.flat[0].set_ylabel("layer")
    return Drawing(f"head_scores.{experiment}", _caption(experiment, metrics, chosen), figure)


def _values(cells: Sequence[Setting]) -> Values:
    """Means [layer, head]; NaN where a head was not scored."""
    places = [_place(each) for each in cells]
    shape = [max(each[side] for each in places) + 1 for side in (0, 1)]
    values = np.full(shape, np.nan)
    for place, each in zip(places, cells, strict=True):
        values[place] = each.estimate.mean
    return values


def _map(figure: Figure, axes: Axes, metric: str, values: Values) -> None:
    scale = _scale(metric, values)
    layers, heads = (range(count) for count in values.shape)
    heat(axes, values, sides=Sides([*map(str, layers)], [*map(str, heads)]), scale=scale)
    axes.set_title(words(metric.removesuffix("_score")))
    axes.set_xlabel(f"head\n{_best(values)}", fontsize=8)
    colour_bar(figure, [axes], scale)


def _scale(metric: str, values: Values) -> Scale:
    known = get_metric(metric)
    if known.low is None or known.high is None:
        return scale_for(values, label="", centre=known.chance)
    return Scale("", known.low, known.high, diverging=known.low < 0)


def _best(values: Values) -> str:
    order = np.argsort(np.nan_to_num(values, nan=-np.inf), axis=None)[::-1][:_NAMED]
    best = [cast(Head, np.unravel_index(place, values.shape)) for place in order]
    return "\n".join(f"{layer}.{head}: {values[layer, head]:.2f}" for layer, head in best)


def _frame(axes: Axes, chosen: Sequence[Head]) -> None:
    for layer, head in chosen:
        square = Rectangle((head - 0.5, layer - 0.5), 1, 1)
        square.set(facecolor="none", edgecolor=COLOURS[1], linewidth=1.1, zorder=3)
        axes.add_patch(square)


def _caption(experiment: str, metrics: Sequence[str], chosen: Sequence[Head]) -> str:
    names = joined(words(metric.removesuffix("_score")) for metric in metrics)
    named = joined(f"{layer}.{head}" for layer, head in chosen)
    framed = (
        f" Framed: the {len(chosen)} heads that match prefixes best on sequences held apart, "
        f"from the best downwards {named}."
        if chosen
        else ""
    )
    return (
        f"Scores of every head, experiment {experiment}, first seed: {names}. Below each map its "
        f"best heads, as layer.head.{framed}"
    )
