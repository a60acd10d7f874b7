"""Two scores of every SAE against each other: what an architecture gains and what it pays.

Reconstruction against quality, and precision against recall; each line goes through the L0s.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from harness.metrics import Metric, get_metric
from harness.report.benches import Bench, Sae, benches
from harness.report.figures.architectures import (
    draw_hollow,
    draw_path,
    intervals,
    legend,
    looks,
    published_on,
)
from harness.report.figures.direct_labels import Label, place_labels
from harness.report.figures.iso_f1 import draw_iso_f1
from harness.report.figures.layers import Look
from harness.report.figures.style import WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material

_LEAST_SPAN = 0.1
"""Of an axis: less would make much of nothing."""
_BEYOND = 0.02
"""Past the ends of a score's range, so that a mark there is whole."""


class _Plane(NamedTuple):
    """Which score stands along which axis."""

    name: str
    x: str
    y: str
    axes: tuple[str, str]
    says: str
    iso_f1: bool = False


_PLANES = (
    _Plane(
        "reconstruction",
        "sae_variance_explained",
        "latent_f1",
        ("variance explained", "F1"),
        "Reconstruction (variance explained) against quality of latents (F1)",
    ),
    _Plane(
        "precision_recall",
        "latent_recall",
        "latent_precision",
        ("recall, mean over latents", "precision, mean over latents"),
        "Precision against recall of latents as detectors of their features",
        iso_f1=True,
    ),
)


def score_planes(material: Material) -> Iterator[Drawing]:
    """Up to two figures an experiment that evaluated SAEs."""
    for bench in benches(material):
        for plane in _PLANES:
            if _paths(bench, plane):
                yield _draw(bench, plane)


def _paths(bench: Bench, plane: _Plane) -> dict[str, list[Sae]]:
    """The SAEs of each architecture that have both scores."""
    both = {plane.x, plane.y}
    found = {
        name: [sae for sae in bench.of(name) if both <= sae.scores.keys()]
        for name in bench.architectures
    }
    return {name: saes for name, saes in found.items() if saes}


def _draw(bench: Bench, plane: _Plane) -> Drawing:
    figure = new_figure(WIDTH_INCHES * 0.8, 5.2)
    axes = figure.subplots()
    paths = _paths(bench, plane)
    for name, look in looks(bench.architectures).items():
        if name in paths:
            _path(axes, paths[name], plane, look)
    hollow = _published(axes, bench, plane)
    drawn = axes.get_lines()[:]
    axes.set(xlabel=plane.axes[0], ylabel=plane.axes[1])
    _widen(axes, plane)
    if plane.iso_f1:
        draw_iso_f1(axes)
    legend(figure, bench, hollow=hollow)
    place_labels(axes, list(_labels(paths, plane, bench)), drawn)
    caption = _caption(bench, plane, paths, hollow=hollow)
    return Drawing(f"{plane.name}.{bench.name}", caption, figure)


def _path(axes: Axes, saes: Sequence[Sae], plane: _Plane, look: Look) -> None:
    across, up = ([sae.scores[metric] for sae in saes] for metric in (plane.x, plane.y))
    draw_path(axes, [got.mean for got in across], up, look)
    for x, y in zip(across, up, strict=True):
        if x.low is not None and x.high is not None:
            axes.plot([x.low, x.high], [y.mean, y.mean], color=look.colour, linewidth=1)


def _published(axes: Axes, bench: Bench, plane: _Plane) -> bool:
    """Draw what the paper has of both scores; whether it has anything."""
    found = False
    for name, look in looks(bench.architectures).items():
        own = [
            (each.values[plane.x], each.values[plane.y])
            for each in bench.published
            if each.architecture == name and {plane.x, plane.y} <= each.values.keys()
        ]
        draw_hollow(axes, [x for x, _ in own], [y for _, y in own], look)
        found = found or bool(own)
    return found


def _widen(axes: Axes, plane: _Plane) -> None:
    """Room for labels, no axis so short that noise fills it, and none beyond what is possible."""
    axes.margins(0.12)
    axes.set_xlim(*_limits(*axes.get_xlim(), get_metric(plane.x)))
    axes.set_ylim(*_limits(*axes.get_ylim(), get_metric(plane.y)))


def _limits(low: float, high: float, metric: Metric) -> tuple[float, float]:
    half = max(high - low, _LEAST_SPAN) / 2
    low, high = (low + high) / 2 - half, (low + high) / 2 + half
    if metric.low is not None:
        low = max(low, metric.low - _BEYOND)
    return low, high if metric.high is None else min(high, metric.high + _BEYOND)


def _labels(paths: dict[str, list[Sae]], plane: _Plane, bench: Bench) -> Iterator[Label]:
    """Name and L0 at the densest SAE of each line, the L0 alone at the sparsest."""
    several = any(len(saes) > 1 for saes in paths.values())
    for name, saes in paths.items():
        look, first, last = looks(bench.architectures)[name], saes[0], saes[-1]
        end = f"{look.label} {last.relative_l0:g}×" if several else look.label
        yield _label(end, last, plane, look)
        if first is not last:
            yield _label(f"{first.relative_l0:g}×", first, plane, look)


def _label(text: str, sae: Sae, plane: _Plane, look: Look) -> Label:
    return Label(text, sae.scores[plane.x].mean, sae.scores[plane.y].mean, look.colour)


def _caption(bench: Bench, plane: _Plane, paths: dict[str, list[Sae]], *, hollow: bool) -> str:
    several = any(len(saes) > 1 for saes in paths.values())
    ends = (
        " Each line goes through the wanted L0s; the numbers at its ends are multiples of "
        "the world's own."
        if several
        else ""
    )
    shown = f" Hollow: {published_on(bench)}." if hollow else ""
    iso = (
        " Faint: equal F1 of a single latent; the mean F1 over latents may lie elsewhere."
        if plane.iso_f1
        else ""
    )
    return f"{plane.says} on {bench.model}, {bench.origin}; {intervals(bench)}.{ends}{shown}{iso}"
