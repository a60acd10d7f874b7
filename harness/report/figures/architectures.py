"""How SAE architectures look: one colour and marker each, in every figure of every report."""

from collections.abc import Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.estimate import Estimate
from harness.report.benches import Bench
from harness.report.figures.layers import Look
from harness.report.figures.style import COLOURS, MARKERS, SOFT
from harness.report.wording import joined, words
from harness.specs.sae_bench import ARCHITECTURES

_ORDER = (
    "batchtopk",
    "matryoshka_batchtopk",
    "jumprelu",
    "matching_pursuit",
    "standard",
    "topk",
    "gated",
)
"""Those of the paper's table get the colours that differ most."""
_NAMES = {
    "batchtopk": "BatchTopK",
    "matryoshka_batchtopk": "Matryoshka",
    "jumprelu": "JumpReLU",
    "matching_pursuit": "Matching Pursuit",
    "standard": "standard (L1)",
    "topk": "TopK",
    "gated": "Gated",
}
PUBLISHED = "published"
_SOLID: dict[str, Any] = {"markersize": 6.5, "markeredgecolor": "white", "markeredgewidth": 0.6}
"""Ours; the white edge parts marks that lie on each other."""
assert set(_ORDER) == set(_NAMES) == set(ARCHITECTURES)


def looks(architectures: Sequence[str]) -> dict[str, Look]:
    """The look of each; those without a place of their own take what is left, in their order."""
    others = [each for each in architectures if each not in _ORDER]
    return {each: _look(each, (*_ORDER, *others).index(each)) for each in architectures}


def _look(architecture: str, place: int) -> Look:
    label = _NAMES.get(architecture, words(architecture))
    return Look(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)], label)


def draw_path(axes: Axes, xs: Sequence[float], found: Sequence[Estimate], look: Look) -> None:
    """Means joined by a line, each with its 95 % interval upright."""
    means = [each.mean for each in found]
    (line,) = axes.plot(xs, means, color=look.colour, marker=look.marker, label=look.label)
    line.set(**_SOLID, linewidth=1.4)
    for x, got in zip(xs, found, strict=True):
        if got.low is not None and got.high is not None:
            axes.plot([x, x], [got.low, got.high], color=look.colour, linewidth=1)


def draw_hollow(axes: Axes, xs: Sequence[float], ys: Sequence[float], look: Look) -> None:
    """What the paper prints: the marker of the architecture, larger and hollow."""
    if xs:
        axes.plot(xs, ys, **_hollow(look.colour, look.marker), zorder=1.5)


def _hollow(colour: str, marker: str) -> dict[str, Any]:
    ring = {"marker": marker, "markersize": 9, "markerfacecolor": "none", "markeredgewidth": 1.1}
    return {**ring, "color": colour, "linestyle": ""}


def legend(figure: Figure, bench: Bench, *more: Artist, hollow: bool) -> None:
    """Architectures, then lines of reference, above all panels."""
    handles: list[Artist] = [
        Line2D([], [], color=look.colour, marker=look.marker, label=look.label, **_SOLID)
        for look in looks(bench.architectures).values()
    ]
    handles += more
    if hollow:
        handles.append(Line2D([], [], **_hollow(SOFT, "o"), label=published_on(bench)))
    columns = _columns(len(handles), float(figure.get_figwidth()))
    figure.legend(handles=handles, loc="outside upper center", ncols=columns)


def _columns(count: int, width: float) -> int:
    """As many as fit, and no last row of one."""
    most = max(2, int(width / 1.75))
    rows = -(-count // most)
    return -(-count // rows)


def published_on(bench: Bench) -> str:
    """`published on synthsae-16k`."""
    return f"{PUBLISHED} on {joined(dict.fromkeys(each.model for each in bench.published))}"


def intervals(bench: Bench) -> str:
    """What a caption says of intervals: one SAE a seed gives none from a single seed."""
    if bench.seeds == 1:
        return "one seed, so no intervals"
    return f"{bench.seeds} seeds, bars are 95 % intervals over them"
