"""A claimed table and ours as two heat maps on one scale, centred at chance."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from harness.metrics import Metric, get_metric
from harness.paper import ClaimedTable
from harness.report.comparison import Comparison, labels
from harness.report.figures.style import INK, WIDTH_INCHES, Drawing, new_figure
from harness.report.wording import metric_name, metric_words

Grid = dict[tuple[str, str], float]
_COLOURS = colormaps["RdBu"]
"""Red to blue, which differ in brightness from the middle and for every colour vision."""
_WIDE = 6
"""With more columns, the two maps stand one above the other."""


def transfer_matrices(compared: Sequence[Comparison]) -> Iterator[Drawing]:
    """One figure a claimed table of which something was measured."""
    for each in compared:
        metric = get_metric(each.table.metric)
        if each.measured and _has_scale(metric):
            yield Drawing(figure_name(each.table), _caption(each, metric), _draw(each, metric))


def figure_name(table: ClaimedTable) -> str:
    """Name of the figure of a claimed table."""
    return f"table.{table.id}"


def _has_scale(metric: Metric) -> bool:
    return None not in (metric.low, metric.chance, metric.high)


def _draw(compared: Comparison, metric: Metric) -> Figure:
    rows, columns = labels(compared)
    paper: Grid = {key: cell.claimed.value for key, cell in compared.cells.items()}
    here: Grid = {
        key: cell.here.mean for key, cell in compared.cells.items() if cell.here is not None
    }
    stacked = len(columns) > _WIDE
    height = 0.34 * len(rows) + 1.3
    figure = new_figure(WIDTH_INCHES, height * 2 if stacked else height)
    grid = figure.subplots(2 if stacked else 1, 1 if stacked else 2, sharey=True, squeeze=False)
    for axes, values, title in zip(grid.flat, (paper, here), ("Paper", "Here"), strict=True):
        _map(axes, values, (rows, columns), metric)
        axes.set_title(title)
    figure.colorbar(
        ScalarMappable(norm=_norm(metric), cmap=_COLOURS),
        ax=list(grid.flat),
        label=metric_words(metric.name),
        shrink=0.9,
        pad=0.015,
        aspect=30,
    )
    return figure


def _norm(metric: Metric) -> TwoSlopeNorm:
    assert metric.low is not None and metric.high is not None and metric.chance is not None
    return TwoSlopeNorm(vmin=metric.low, vcenter=metric.chance, vmax=metric.high)


def _map(
    axes: Axes, values: Grid, names: tuple[Sequence[str], Sequence[str]], metric: Metric
) -> None:
    rows, columns = names
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            _square(axes, (x, y), values.get((row, column)), metric)
    axes.set_xticks(range(len(columns)), columns, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _square(axes: Axes, at: tuple[int, int], value: float | None, metric: Metric) -> None:
    x, y = at
    square = Rectangle((x - 0.5, y - 0.5), 1, 1)
    axes.add_patch(square)
    if value is None:
        square.set(facecolor="#f1f3f5", edgecolor="#b4bbc3", hatch="////", linewidth=0)
        return
    colour = _COLOURS(float(_norm(metric)(value)))
    square.set(facecolor=colour, edgecolor="white", linewidth=1)
    ink = "white" if np.dot(colour[:3], (0.299, 0.587, 0.114)) < 0.5 else INK
    axes.text(x, y, _short(value, metric), ha="center", va="center", color=ink, fontsize=8.5)


def _short(value: float, metric: Metric) -> str:
    return f"{value:.0f}" if metric.unit == "degrees" else f"{value:.2f}"


def _caption(compared: Comparison, metric: Metric) -> str:
    secondary = compared.table.source.status == "secondary"
    source = " The paper's numbers are ⚠ secondary: quoted by others." if secondary else ""
    assert metric.chance is not None
    return (
        f"{compared.table.title}: {metric_name(metric.name)} in the paper and here, on one colour "
        f"scale whose middle is chance ({_short(metric.chance, metric)}). Hatched: not measured, "
        f"or not in the paper.{source}"
    )
