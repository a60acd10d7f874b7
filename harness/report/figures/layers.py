"""Accuracy by layer of every swept transfer, with the band of shuffled labels and chance."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from harness.metrics import get_metric
from harness.report.figures.style import (
    COLOURS,
    FAINT,
    INK,
    MARKERS,
    SOFT,
    Drawing,
    panels,
)
from harness.report.material import Material, Setting
from harness.report.wording import joined, transfer, words

METRIC = "accuracy_binary"


class Look(NamedTuple):
    """How the line of a probe is drawn."""

    colour: str
    marker: str
    label: str


def accuracy_by_layer(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured a transfer at every layer."""
    swept = [
        each for each in material.settings if each.metric == METRIC and layer_of(each) is not None
    ]
    for experiment, found in groupby(swept, key=lambda each: each.experiment):
        yield _draw(experiment, list(found), chosen_layers(material, experiment))


def layer_of(setting: Setting) -> int | None:
    """The layer of a row of a sweep; `None` for the chosen layer."""
    layer = setting.conditions.get("layer")
    return layer if isinstance(layer, int) else None


def chosen_layers(material: Material, experiment: str) -> list[float]:
    """The layers that the selection units preferred, over the seeds."""
    rows = [row for row in material.measurements if row.experiment == experiment]
    return sorted({row.value for row in rows if row.metric == "chosen_layer"})


def mark_chosen(axes: Axes, layers: Sequence[float]) -> None:
    """A thin upright line at each chosen layer."""
    for layer in layers:
        axes.axvline(layer, color=INK, linewidth=0.9, linestyle=(0, (1, 2)), label="chosen layer")


def unique_legend(axes: Sequence[Axes]) -> dict[str, Artist]:
    """Each label of all axes once, with the first line that bears it; bands last."""
    found: dict[str, Artist] = {}
    for each in axes:
        for line, label in zip(*each.get_legend_handles_labels(), strict=True):
            if label not in found:
                found[label] = line
    return dict(sorted(found.items(), key=lambda each: isinstance(each[1], PolyCollection)))


def _draw(experiment: str, swept: Sequence[Setting], chosen: Sequence[float]) -> Drawing:
    titles = list(dict.fromkeys(transfer(each.conditions) for each in swept))
    probes = list(dict.fromkeys(str(each.conditions["probe"]) for each in swept))
    figure, grid = panels(len(titles), height=2.5)
    for axes, title in zip(grid, titles, strict=True):
        shown = [each for each in swept if transfer(each.conditions) == title]
        _panel(axes, shown, probes)
        mark_chosen(axes, chosen)
        axes.set_title(title)
        axes.set_ylim(-0.02, 1.02)
    figure.supxlabel("layer", fontsize=9)
    figure.supylabel("accuracy", fontsize=9)
    legend = unique_legend(grid)
    figure.legend(legend.values(), legend.keys(), loc="outside upper center", ncols=len(legend))
    return Drawing(f"accuracy_by_layer.{experiment}", _caption(experiment, swept, chosen), figure)


def _panel(axes: Axes, shown: Sequence[Setting], probes: Sequence[str]) -> None:
    for probe, colour, marker in zip(probes, COLOURS, MARKERS, strict=False):
        of_probe = [each for each in shown if each.conditions["probe"] == probe]
        for control in dict.fromkeys(each.control for each in of_probe):
            line = sorted_by_layer(e for e in of_probe if e.control == control)
            if control is None:
                draw_line(axes, line, Look(colour, marker, words(probe)))
            else:
                draw_band(axes, line, words(control))
    chance = get_metric(METRIC).chance
    if chance is not None:
        axes.axhline(chance, color=SOFT, linewidth=0.9, linestyle="--", label="chance")


def draw_line(axes: Axes, line: Sequence[Setting], look: Look) -> None:
    """Means by layer, their intervals shaded."""
    layers, means = [_position(each) for each in line], [each.estimate.mean for each in line]
    axes.plot(layers, means, markersize=3, color=look.colour, marker=look.marker, label=look.label)
    known = [each for each in line if each.estimate.low is not None]
    low = [each.estimate.low or 0.0 for each in known]
    high = [each.estimate.high or 0.0 for each in known]
    places = [_position(each) for each in known]
    axes.fill_between(places, low, high, color=look.colour, alpha=0.18, linewidth=0)


def draw_band(axes: Axes, line: Sequence[Setting], label: str) -> None:
    """What a control gives by layer, interval and all."""
    ends = [(each.estimate.low, each.estimate.high, each.estimate.mean) for each in line]
    low = [mean if low is None else low for low, _, mean in ends]
    high = [mean if high is None else high for _, high, mean in ends]
    axes.fill_between(
        [_position(each) for each in line],
        low,
        high,
        color=FAINT,
        alpha=0.8,
        linewidth=0,
        label=label,
    )


def sorted_by_layer(settings: Iterable[Setting]) -> list[Setting]:
    """Rows of a sweep from the first layer to the last."""
    return sorted(settings, key=_position)


def _position(setting: Setting) -> int:
    layer = layer_of(setting)
    assert layer is not None, setting
    return layer


def _caption(experiment: str, swept: Sequence[Setting], chosen: Sequence[float]) -> str:
    numbers = joined(f"{layer:g}" for layer in chosen)
    choice = f" Dotted: the layer chosen on held-apart units ({numbers})." if chosen else ""
    control = next((words(each.control) for each in swept if each.control), None)
    band = f" The grey band is what {control} give." if control else ""
    seeds = max(each.estimate.seeds for each in swept)
    which = "the first seed" if seeds == 1 else f"{seeds} seeds"
    return (
        f"Accuracy at every layer, experiment {experiment}, {which}; each panel is train → test. "
        f"Shading is the 95 % interval; dashed is chance.{band}{choice}"
    )
