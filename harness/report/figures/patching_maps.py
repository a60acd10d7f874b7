"""Activation patching as heat maps: layers upward, tokens or heads from left to right."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from harness.report.figures.heat_map import Sides, Values, colour_bar, heat, scale_for
from harness.report.figures.style import WIDTH_INCHES, Drawing, new_figure
from harness.report.figures.token_labels import token_label
from harness.report.material import Material, Setting
from harness.report.wording import words

METRIC = "logit_difference_recovered"
_NAMES = {
    "resid_pre": "residual stream entering the block",
    "attn_out": "attention output",
    "mlp_out": "MLP output",
}
_SOURCE = {
    "denoise": "Clean activations put into corrupted runs",
    "noise": "Corrupted activations put into clean runs",
}


class Panel(NamedTuple):
    """One map with its labels."""

    title: str
    values: Values
    sides: Sides


def patching_maps(material: Material) -> Iterator[Drawing]:
    """Two figures an experiment and direction: components by token, and single heads."""
    cells = [
        each
        for each in material.settings
        if each.metric == METRIC and each.control is None and "component" in each.conditions
    ]
    keys = dict.fromkeys((each.experiment, str(each.conditions["direction"])) for each in cells)
    for experiment, direction in keys:
        own = [
            each
            for each in cells
            if (each.experiment, each.conditions["direction"]) == (experiment, direction)
        ]
        for kind, panels in (("tokens", _by_token(own)), ("heads", _by_head(own))):
            if panels:
                name = f"patching_{kind}.{experiment}.{direction}"
                yield Drawing(name, _caption(experiment, direction, kind, own), _draw(panels))


def _by_token(cells: Sequence[Setting]) -> list[Panel]:
    kinds = dict.fromkeys(str(each.conditions["component"]) for each in cells)
    return [
        _panel(_NAMES[kind], [e for e in cells if e.conditions["component"] == kind], "token")
        for kind in kinds
        if kind in _NAMES
    ]


def _by_head(cells: Sequence[Setting]) -> list[Panel]:
    heads = [each for each in cells if each.conditions["component"] == "z"]
    places = dict.fromkeys(str(each.conditions["place"]) for each in heads)
    return [
        _panel(f"single heads at {place}", [e for e in heads if e.conditions["place"] == place])
        for place in places
    ]


def _panel(title: str, cells: Sequence[Setting], column: str = "head") -> Panel:
    layers = sorted({_number(each, "layer") for each in cells})
    columns = sorted({_number(each, column) for each in cells})
    values: Values = np.full((len(layers), len(columns)), np.nan)
    for each in cells:
        at = layers.index(_number(each, "layer")), columns.index(_number(each, column))
        values[at] = each.estimate.mean
    labels = {_number(each, column): str(each.conditions["place"]) for each in cells}
    shown = [token_label(labels[c]) if column == "token" else str(c) for c in columns]
    return Panel(title, values, Sides([str(layer) for layer in layers], shown, "layer", column))


def _number(setting: Setting, key: str) -> int:
    value = setting.conditions[key]
    assert isinstance(value, int), setting
    return value


def _draw(panels: Sequence[Panel]) -> Figure:
    scale = scale_for(
        *(panel.values for panel in panels), label="share of the logit difference moved", centre=0
    )
    figure = new_figure(WIDTH_INCHES, 1.3 + 0.13 * max(len(p.sides.rows) for p in panels))
    grid = figure.subplots(1, len(panels), squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=True):
        heat(axes, panel.values, sides=panel.sides, scale=scale)
        axes.set(xlabel=panel.sides.column_name, ylabel=panel.sides.row_name)
        axes.set_title(panel.title)
    colour_bar(figure, list(grid.flat), scale)
    return figure


def _caption(experiment: str, direction: str, kind: str, cells: Sequence[Setting]) -> str:
    pairs = min(each.estimate.n for each in cells)
    what = "each component at each token" if kind == "tokens" else "each head by itself"
    before = " Earlier tokens are the same in both prompts." if kind == "tokens" else ""
    return (
        f"{_SOURCE[direction]}, {what}, experiment {words(experiment)}: share of the difference "
        f"between the two runs that one patch moves, mean of {pairs} pairs.{before}"
    )
