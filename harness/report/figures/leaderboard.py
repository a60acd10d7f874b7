"""F1 and MCC against L0, a line an architecture, the paper's points beside ours.

L0 is drawn relative to the world's own, so that SAEs of worlds of different size can be compared.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from harness.report.benches import Bench, benches
from harness.report.figures.architectures import (
    draw_hollow,
    draw_path,
    intervals,
    legend,
    looks,
    published_on,
)
from harness.report.figures.layers import unique_legend
from harness.report.figures.style import FAINT, SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material
from harness.report.wording import words

_PANELS = {"latent_f1": "F1", "mcc": "MCC"}
_LINES = (":", "-.")
"""Around the bands of controls."""
_LEAST_MARGIN = 0.1
"""Left and right, in relative L0: SAEs of one wanted L0 differ by chance alone."""


def leaderboard(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured F1 and MCC of SAEs."""
    for bench in benches(material):
        if all(any(metric in sae.scores for sae in bench.saes) for metric in _PANELS):
            yield _draw(bench)


def _draw(bench: Bench) -> Drawing:
    figure = new_figure(WIDTH_INCHES, 4.3)
    grid = list(figure.subplots(1, 2, sharex=True, sharey=True).flat)
    for axes, (metric, title) in zip(grid, _PANELS.items(), strict=True):
        _panel(axes, bench, metric)
        axes.set_title(title)
        _l0_axes(axes, bench)
    _limits(grid[0], bench)
    grid[0].set_ylim(-0.02, 1.04)
    references = {
        label: line
        for label, line in unique_legend(grid).items()
        if label not in {look.label for look in looks(bench.architectures).values()}
    }
    hollow = any(_PANELS.keys() & each.values.keys() for each in bench.published)
    legend(figure, bench, *references.values(), hollow=hollow)
    return Drawing(f"leaderboard.{bench.name}", _caption(bench, hollow=hollow), figure)


def _panel(axes: Axes, bench: Bench, metric: str) -> None:
    for architecture, look in looks(bench.architectures).items():
        own = [sae for sae in bench.of(architecture) if metric in sae.scores]
        xs = [sae.measured_relative_l0 for sae in own]
        draw_path(axes, xs, [sae.scores[metric] for sae in own], look)
        printed = [
            each
            for each in bench.published
            if each.architecture == architecture and metric in each.values
        ]
        ys = [each.values[metric] for each in printed]
        draw_hollow(axes, [each.relative_l0 for each in printed], ys, look)
    for line, (control, saes) in zip(_LINES, bench.controls.items(), strict=False):
        values = [sae.scores[metric].mean for sae in saes if metric in sae.scores]
        if values:
            _reference(axes, values, line, control)
    if metric == "latent_f1" and bench.ceiling is not None:
        ceiling = bench.ceiling.mean
        axes.axhline(ceiling, color=SOFT, linewidth=1.1, linestyle="--", label="supervised probes")
    axes.grid(axis="y", color="#edf0f2")


def _reference(axes: Axes, values: Sequence[float], line: str, control: str) -> None:
    """From the lowest to the highest architecture and L0: what an untrained, or a perfect, gets."""
    band = axes.axhspan(min(values), max(values), facecolor=FAINT, alpha=0.6, zorder=0.8)
    band.set(edgecolor="#8b949c", linewidth=0.8, linestyle=line, label=words(control))


def _l0_axes(axes: Axes, bench: Bench) -> None:
    axes.set_xlabel("L0 relative to the world's own")
    own = bench.world_l0
    below = axes.secondary_xaxis(
        -0.2, functions=(lambda x: np.multiply(x, own), lambda x: np.divide(x, own))
    )
    below.set_xlabel(f"L0 here, on {bench.model}")
    below.spines["bottom"].set_color(SOFT)


def _limits(axes: Axes, bench: Bench) -> None:
    xs = [sae.measured_relative_l0 for sae in bench.saes]
    xs += [each.relative_l0 for each in bench.published]
    margin = max(0.06 * (max(xs) - min(xs)), _LEAST_MARGIN)
    axes.set_xlim(min(xs) - margin, max(xs) + margin)


def _caption(bench: Bench, *, hollow: bool) -> str:
    shown = f" Hollow: {published_on(bench)}, at the wanted L0." if hollow else ""
    grey = " and ".join(words(name) for name in bench.controls)
    controls = f" Grey bands: {grey}, from the lowest to the highest SAE." if grey else ""
    ceiling = " Dashed: F1 of supervised probes." if bench.ceiling else ""
    return (
        f"F1 and MCC of SAEs on {bench.model} against their measured L0, "
        f"{bench.origin}; {intervals(bench)}. Relative L0 1 is the world's own "
        f"({bench.world_l0:g} here).{shown}{controls}{ceiling}"
    )
