"""The angle between the truth directions of two sets, layer by layer."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from matplotlib.axes import Axes

from harness.estimate import Estimate
from harness.report.figures.layers import (
    Look,
    chosen_layers,
    draw_band,
    draw_line,
    layer_of,
    mark_chosen,
    sorted_by_layer,
    unique_legend,
)
from harness.report.figures.style import COLOURS, FAINT, SOFT, Drawing, panels
from harness.report.material import Material, Setting
from harness.report.wording import words

METRIC = "direction_angle"


def angle_by_layer(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that compared directions at every layer."""
    angles = [each for each in material.settings if each.metric == METRIC]
    for experiment, found in groupby(angles, key=lambda each: each.experiment):
        settings = list(found)
        if any(layer_of(each) is not None for each in settings):
            yield _draw(experiment, settings, chosen_layers(material, experiment))


def _draw(experiment: str, angles: Sequence[Setting], chosen: Sequence[float]) -> Drawing:
    pairs = list(dict.fromkeys(map(_pair, angles)))
    figure, grid = panels(len(pairs), height=2.6)
    for axes, pair in zip(grid, pairs, strict=True):
        _panel(axes, [each for each in angles if _pair(each) == pair])
        mark_chosen(axes, chosen)
        axes.set_title(f"{pair[0]}, {pair[1]}")
        axes.set_ylim(0, 180)
        axes.set_yticks([0, 45, 90, 135, 180], ["0°", "45°", "90°", "135°", "180°"])
    figure.supxlabel("layer", fontsize=9)
    figure.supylabel("angle between truth directions", fontsize=9)
    legend = unique_legend(grid)
    figure.legend(legend.values(), legend.keys(), loc="outside upper center", ncols=len(legend))
    return Drawing(f"direction_angle.{experiment}", _caption(experiment, angles), figure)


def _panel(axes: Axes, angles: Sequence[Setting]) -> None:
    axes.axhline(90, color=SOFT, linewidth=0.9, linestyle="--", label="orthogonal")
    for control in dict.fromkeys(each.control for each in angles):
        shown = [each for each in angles if each.control == control]
        swept = sorted_by_layer(each for each in shown if layer_of(each) is not None)
        if control is None:
            draw_line(axes, swept, Look(COLOURS[0], "o", "angle"))
        elif swept:
            draw_band(axes, swept, words(control))
        else:
            _level(axes, shown[0].estimate, f"{words(control)}, chosen layer")


def _level(axes: Axes, got: Estimate, label: str) -> None:
    """A control that was measured at one layer only."""
    if got.low is None or got.high is None:
        axes.axhline(got.mean, color=FAINT, linewidth=3, label=label)
    else:
        axes.axhspan(got.low, got.high, color=FAINT, alpha=0.8, linewidth=0, label=label)


def _pair(setting: Setting) -> tuple[str, str]:
    return str(setting.conditions["first"]), str(setting.conditions["second"])


def _caption(experiment: str, angles: Sequence[Setting]) -> str:
    control = any(each.control for each in angles)
    band = " Grey: the control." if control else ""
    return (
        f"Angle between the truth directions of two sets at every layer, experiment "
        f"{experiment}: 0° is one direction, 90° none in common, 180° the opposite one.{band} "
        "Shading is the 95 % interval; dotted: chosen layer."
    )
