"""Heat maps of arrays: layers upward from 0, tokens or heads from left to right.

Draws what it is given and knows no measurements. NaN is what was not measured: it is hatched.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from harness.report.figures.style import INK, WIDTH_INCHES, Drawing, drawing, new_figure

Values = np.ndarray[tuple[int, ...], np.dtype[np.floating[Any]]]
_DIVERGING, _SEQUENTIAL = colormaps["RdBu"], colormaps["Blues"]
"""Blue is more in both; they differ in brightness, for every colour vision."""
_MOST_LABELS = 64
"""Along one side; of more, every second or third is written."""


class Scale(NamedTuple):
    """What the colours mean."""

    label: str
    """What the colour bar says, with the unit."""
    low: float
    high: float
    diverging: bool = False
    """Red and blue parting in the middle, else one colour that deepens."""

    @property
    def mappable(self) -> ScalarMappable:
        """As matplotlib takes it."""
        colours = _DIVERGING if self.diverging else _SEQUENTIAL
        return ScalarMappable(Normalize(self.low, self.high), colours)


class Sides(NamedTuple):
    """What stands along the two sides of a map, and in its cells."""

    rows: Sequence[str]
    """From the bottom upward."""
    columns: Sequence[str]
    row_name: str = "layer"
    column_name: str = "token"
    cells: Sequence[Sequence[str]] | None = None
    """Texts by row and column."""


def scale_for(*maps: Values, label: str, centre: float | None = None) -> Scale:
    """One scale for all the maps. With a `centre` (no effect, chance) it reaches as far either way.

    Values that are all missing or all equal get a scale of width one.
    """
    joined = np.concatenate([values.ravel() for values in maps])
    known = joined[~np.isnan(joined)]
    if centre is not None:
        reach = float(np.abs(known - centre).max(initial=0.0)) or 1.0
        return Scale(label, centre - reach, centre + reach, diverging=True)
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Scale(label, low, high if high > low else low + 1.0)


def heat(axes: Axes, values: Values, *, sides: Sides, scale: Scale) -> None:
    """Draw `values` [rows, columns] with their labels; the colour bar is the caller's."""
    assert values.shape == (len(sides.rows), len(sides.columns)), f"{values.shape} are not {sides}"
    colours = _DIVERGING if scale.diverging else _SEQUENTIAL
    grid = [np.arange(n + 1) - 0.5 for n in (len(sides.columns), len(sides.rows))]
    axes.pcolormesh(
        *grid,
        np.ma.masked_invalid(values),
        norm=Normalize(scale.low, scale.high),
        cmap=colours,
        edgecolors="white",
        linewidth=0.4,
    )
    for y, x in np.argwhere(np.isnan(values)):
        square = Rectangle((x - 0.5, y - 0.5), 1, 1)
        square.set(facecolor="#f1f3f5", edgecolor="#b4bbc3", hatch="////", linewidth=0)
        axes.add_patch(square)
    if sides.cells is not None:
        _write_cells(axes, values, sides.cells, scale.mappable)
    _label(axes, sides)


def heat_map(
    name: str, caption: str, values: Values, *, sides: Sides, scale: Scale, title: str = ""
) -> Drawing:
    """One map as a figure of its own, with its colour bar."""
    with drawing():
        figure = new_figure(*_size(sides))
        axes = figure.subplots()
        heat(axes, values, sides=sides, scale=scale)
        axes.set(xlabel=sides.column_name, ylabel=sides.row_name)
        axes.set_title(title, parse_math=False)
        colour_bar(figure, [axes], scale)
        return Drawing(name, caption, figure)


def colour_bar(figure: Figure, axes: Sequence[Axes], scale: Scale) -> None:
    """The bar that says what the colours of these maps mean."""
    bar = figure.colorbar(scale.mappable, ax=list(axes), pad=0.02, aspect=32, fraction=0.05)
    bar.set_label(scale.label)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]


def _size(sides: Sides) -> tuple[float, float]:
    """Inches; cells with words are as wide as a word."""
    words = sides.cells is not None
    width = 1.7 + (0.58 if words else 0.32) * len(sides.columns)
    label = max(map(len, sides.columns), default=0)
    height = 1.3 + (0.21 if words else 0.17) * len(sides.rows) + 0.05 * label
    return min(max(width, 4.6), WIDTH_INCHES), min(max(height, 2.2), 12.0)


def _label(axes: Axes, sides: Sides) -> None:
    rows, columns = _shown(len(sides.rows)), _shown(len(sides.columns))
    small: dict[str, Any] = {"fontsize": 7.5, "parse_math": False}
    axes.set_yticks(rows, [sides.rows[i] for i in rows], **small)
    names = [sides.columns[i] for i in columns]
    if max(map(len, names), default=0) > 2:
        small |= {"rotation": 50, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(columns, names, **small)
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)


def _shown(count: int) -> list[int]:
    return list(range(0, count, -(-count // _MOST_LABELS) or 1))


def _write_cells(
    axes: Axes, values: Values, cells: Sequence[Sequence[str]], mappable: ScalarMappable
) -> None:
    for y, row in enumerate(cells):
        for x, text in enumerate(row):
            if not text:
                continue
            colour = mappable.to_rgba(values[y, x])
            ink = "white" if np.dot(colour[:3], (0.299, 0.587, 0.114)) < 0.5 else INK
            written = axes.text(x, y, text, color=ink, parse_math=False)
            written.set(ha="center", va="center", fontsize=6.5, clip_on=True)
