"""Lines of equal F1 behind points of recall and precision."""

import numpy as np
from matplotlib.axes import Axes

from harness.report.figures.style import FAINT, SOFT

_WIDE = 0.45
"""Span of an axis from which on every tenth is enough."""


def draw_iso_f1(axes: Axes) -> None:
    """P = F1 R / (2 R - F1) within the limits of the axes, each line with its value at its end."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    every = 0.1 if max(right - left, top - bottom) > _WIDE else 0.05
    for f1 in np.arange(every, 1 - every / 2, every):
        recall = np.linspace(max(left, f1 / 2 + 1e-3), min(right, 1.0), 500)
        precision = f1 * recall / (2 * recall - f1)
        inside = (precision > bottom) & (precision < min(top, 1.0))
        if inside.sum() > 1:
            _line(axes, recall[inside].tolist(), precision[inside].tolist(), float(f1))
    axes.set(xlim=(left, right), ylim=(bottom, top))


def _line(axes: Axes, recall: list[float], precision: list[float], f1: float) -> None:
    axes.plot(recall, precision, color=FAINT, linewidth=0.7, zorder=0.5)
    name = f"F1 {f1:.2f}".removesuffix("0")
    written = axes.text(recall[-1], precision[-1], name, color=SOFT, fontsize=6.5)
    written.set(ha="right", va="bottom", clip_on=True)
