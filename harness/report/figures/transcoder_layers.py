"""How good each layer's transcoder is: error, active latents, and latents that are alive."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from harness.metrics import get_metric
from harness.report.figures.layers import Look, draw_line, layer_of, sorted_by_layer
from harness.report.figures.style import (
    COLOURS,
    MARKERS,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    new_figure,
)
from harness.report.material import Material, Setting
from harness.report.wording import words

METRICS = {
    "transcoder_fvu": "squared error / variance",
    "transcoder_l0": "active latents a token (L0)",
    "transcoder_alive_fraction": "share of latents alive",
}
"""Titles of the panels."""
_MEAN_ALONE = 1.0
"""The error of the mean of the outputs."""
_HEADROOM = 1.15


def transcoder_layers(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured its transcoders layer by layer."""
    found = [
        each
        for each in material.settings
        if each.metric in METRICS and each.control is None and layer_of(each) is not None
    ]
    for experiment in dict.fromkeys(each.experiment for each in found):
        yield _draw(experiment, [each for each in found if each.experiment == experiment])


def _draw(experiment: str, found: Sequence[Setting]) -> Drawing:
    sets = list(dict.fromkeys(_name(each) for each in found))
    metrics = [metric for metric in METRICS if any(each.metric == metric for each in found)]
    figure = new_figure(WIDTH_INCHES, 2.6)
    grid = figure.subplots(1, len(metrics), squeeze=False)[0]
    for axes, metric in zip(grid, metrics, strict=True):
        _panel(axes, metric, [each for each in found if each.metric == metric], sets)
    figure.supxlabel("layer", fontsize=9)
    if len(sets) > 1:
        lines = grid[0].get_lines()[: len(sets)]
        figure.legend(lines, sets, loc="outside upper center", ncols=len(sets))
    return Drawing(f"transcoders.{experiment}", _caption(experiment, sets), figure)


def _panel(axes: Axes, metric: str, found: Sequence[Setting], sets: Sequence[str]) -> None:
    for name, colour, marker in zip(sets, COLOURS, MARKERS, strict=False):
        line = sorted_by_layer(each for each in found if _name(each) == name)
        draw_line(axes, line, Look(colour, marker, name))
    largest = max(each.estimate.mean for each in found)
    if metric == "transcoder_fvu":
        axes.axhline(_MEAN_ALONE, color=SOFT, linewidth=0.9, linestyle="--")
        largest = max(largest, _MEAN_ALONE)
    # A share is seen against all that it is a share of.
    high = get_metric(metric).high
    axes.set_ylim(0, largest * _HEADROOM if high is None else high * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(METRICS[metric])
    axes.grid(axis="y", color="#edf0f2")


def _name(setting: Setting) -> str:
    return str(setting.conditions["transcoders"])


def _caption(experiment: str, sets: Sequence[str]) -> str:
    named = words(", ".join(sets))
    return (
        f"Transcoders of experiment {experiment} ({named}) on held-out tokens, layer by layer. "
        "Left: squared error of the reconstruction over the variance of the MLP's output; the "
        "dashed line is what the mean alone gives. Middle: active latents at a token. Right: "
        "share of the latents that are active on some held-out token."
    )
