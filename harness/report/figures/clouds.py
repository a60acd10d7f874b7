"""True and false statements on the first two principal components, a panel a set and layer."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from harness.report.figures.style import COLOURS, SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Cloud, Material
from harness.report.wording import joined

_TRUE, _FALSE = COLOURS[0], COLOURS[1]


def cloud_panels(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that kept its projections."""
    ordered = sorted(material.clouds, key=lambda cloud: cloud.experiment)
    for experiment, found in groupby(ordered, key=lambda cloud: cloud.experiment):
        yield _draw(experiment, list(found))


def _draw(experiment: str, clouds: Sequence[Cloud]) -> Drawing:
    sets = list(dict.fromkeys(cloud.set for cloud in clouds))
    layers = sorted({cloud.layer for cloud in clouds})
    size = min(WIDTH_INCHES / len(layers), 2.6)
    figure = new_figure(size * len(layers) + 0.4, size * 0.92 * len(sets) + 0.6)
    grid = figure.subplots(len(sets), len(layers), squeeze=False)
    by_place = {(cloud.set, cloud.layer): cloud for cloud in clouds}
    for row, name in zip(grid, sets, strict=True):
        for axes, layer in zip(row, layers, strict=True):
            if (name, layer) in by_place:
                _panel(axes, by_place[name, layer])
            else:
                axes.set_axis_off()
        row[0].set_ylabel(name, fontweight="bold")
    for axes, layer in zip(grid[0], layers, strict=True):
        axes.set_title(f"layer {layer}", loc="center")
    figure.legend(
        handles=[_dot("true", _TRUE), _dot("false", _FALSE)], loc="outside upper center", ncols=2
    )
    return Drawing(f"clouds.{experiment}", _caption(experiment, clouds, layers), figure)


def _panel(axes: Axes, cloud: Cloud) -> None:
    order = np.random.default_rng(0).permutation(len(cloud.label))
    colours = np.where(cloud.label, _TRUE, _FALSE)[order]
    axes.scatter(*cloud.xy[order].T, c=colours, s=5, alpha=0.55, linewidths=0, rasterized=True)
    axes.set(xticks=[], yticks=[])
    axes.margins(0.08)
    first, second = cloud.explained
    axes.set_xlabel(f"PC1 {first:.0%} · PC2 {second:.0%}", fontsize=7.5, color=SOFT, labelpad=2)


def _dot(label: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="", marker="o", color=colour, label=label)


def _caption(experiment: str, clouds: Sequence[Cloud], layers: Sequence[int]) -> str:
    most = max(len(cloud.label) for cloud in clouds)
    return (
        f"Statements on their first two principal components at layers "
        f"{joined(map(str, layers))}, experiment {experiment}; each panel has axes of its own, one "
        f"dot a statement (up to {most:,}). Percentages are shares of the variance."
    )
