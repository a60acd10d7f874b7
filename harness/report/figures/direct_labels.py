"""Words beside points, placed so that they cover neither each other nor what is drawn."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import cos, pi, sin
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Boxes = NDArray[float64]
    """[boxes, 4]: left, bottom, right and top in pixels."""

_RADII, _ANGLES = (9, 15, 23, 33, 45), (0, 180, 90, 270, 45, 135, 315, 225)
"""Points from the middle of the mark, and degrees: near before far, beside before above."""
_PLACES = tuple(product(_RADII, _ANGLES))
_MARK, _LINE = 5, 2
"""Half the side of the square that a mark needs, and that a piece of a line does, in points."""
_NEAR = 10
"""Points up to which it is plain whose label it is; farther ones get a thin line."""


class Label(NamedTuple):
    """What is written beside a point."""

    text: str
    x: float
    y: float
    colour: str


def place_labels(axes: Axes, labels: Sequence[Label], lines: Sequence[Line2D]) -> None:
    """Write each label where it covers least of the `lines`, their marks and other labels.

    The figure must be complete besides: places are measured on it as it is laid out.
    """
    figure = axes.get_figure()
    assert isinstance(figure, Figure), figure
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    taken = np.array([box for line in lines for box in _squares(axes, line)])
    for label in labels:
        boxes = _boxes(axes, label)
        best = int(np.argmin(_covered(boxes, taken) + _outside(boxes, axes)))
        _write(axes, label, *_PLACES[best])
        taken = np.concatenate([taken, boxes[best : best + 1]])


def _write(axes: Axes, label: Label, radius: float, angle: float) -> Annotation:
    right, up = cos(angle * pi / 180), sin(angle * pi / 180)
    line = {"arrowstyle": "-", "color": label.colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
    text = axes.annotate(
        label.text,
        (label.x, label.y),
        (radius * right, radius * up),
        textcoords="offset points",
        color=label.colour,
        fontsize=8,
        ha=("right", "center", "left")[_sign(right) + 1],
        va=("top", "center", "bottom")[_sign(up) + 1],
        arrowprops=line if radius > _NEAR else None,
    )
    text.set_in_layout(False)
    return text


def _sign(along: float) -> int:
    return 0 if abs(along) < 1e-6 else int(np.sign(along))


def _boxes(axes: Axes, label: Label) -> "Boxes":
    """Where the label would stand at each place: it is measured at one and moved from there."""
    probe = _write(axes, label, 0, 0)
    size = probe.get_window_extent()
    probe.remove()
    x, y = axes.transData.transform((label.x, label.y))
    boxes: list[tuple[float, float, float, float]] = []
    for radius, angle in _PLACES:
        right, up = cos(angle * pi / 180), sin(angle * pi / 180)
        reach = radius * axes.figure.dpi / 72
        left = x + reach * right + size.width * (_sign(right) - 1) / 2
        bottom = y + reach * up + size.height * (_sign(up) - 1) / 2
        boxes.append((left, bottom, left + size.width, bottom + size.height))
    return np.array(boxes)


def _squares(axes: Axes, line: Line2D) -> "Iterator[Boxes]":
    """Where a line and its marks are, as a string of squares."""
    point = axes.figure.dpi / 72
    corners = axes.transData.transform(np.asarray(line.get_xydata(), float))
    if line.get_marker() != "None":
        yield from (_square(corner, _MARK * point) for corner in corners)
    if line.get_linestyle() != "None":
        for one, other in pairwise(corners):
            pieces = int(np.hypot(*(other - one)) / (2 * _LINE * point)) + 2
            for place in np.linspace(one, other, pieces):
                yield _square(place, _LINE * point)


def _square(middle: "NDArray[float64]", half: float) -> "Boxes":
    return np.concatenate([middle - half, middle + half])


def _covered(boxes: "Boxes", taken: "Boxes") -> "NDArray[float64]":
    """Square pixels of what is taken that each box covers."""
    low = np.maximum(boxes[:, None, :2], taken[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], taken[None, :, 2:])
    return np.clip(high - low, 0, None).prod(-1).sum(1)


def _outside(boxes: "Boxes", axes: Axes) -> "NDArray[float64]":
    """Square pixels of each box that are outside of the panel, counted doubly."""
    panel = np.array([[*axes.bbox.p0, *axes.bbox.p1]])
    return 2 * ((boxes[:, 2:] - boxes[:, :2]).prod(-1) - _covered(boxes, panel))
