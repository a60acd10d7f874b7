"""The differences of two replications as intervals against 0, a panel a unit."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from harness.compare.named import MOST, WORDS, claim_of, named
from harness.compare.side_by_side import ClaimDifference, Numbers, SideBySide
from harness.estimate import Estimate
from harness.expectations import Trend
from harness.paper import PaperSpec
from harness.report.figures.style import (
    COLOURS,
    INK,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    drawing,
    new_figure,
)
from harness.report.limits import metric_of
from harness.report.wording import metric_words, words

NAME = "differences"
"""Name of the figure's files."""

_LOOKS: dict[Numbers, tuple[str, str]] = {
    "differ": (COLOURS[1], "X"),
    "not_told_apart": (COLOURS[0], "o"),
    "no_interval": (SOFT, "s"),
}
"""Colour and marker, so that neither stands alone."""

_CAPTION = (
    "B − A of every number that both replications measured, with its 95 % interval; the line is no "
    f"difference. Claims about more than {MOST} numbers are in the tables below."
)


class Bar(NamedTuple):
    """One difference."""

    label: str
    numbers: Numbers
    estimate: Estimate


def draw_differences(found: SideBySide, paper: PaperSpec) -> list[Drawing]:
    """One figure; none where no claim of few numbers was measured in both."""
    groups: dict[str, list[Bar]] = {}
    for claim in found.compared:
        if len(claim.quantities) <= MOST:
            groups.setdefault(_axis(claim, paper), []).extend(_bars(claim, paper))
    if not groups:
        return []
    with drawing():
        return [_draw(groups)]


def _bars(claim: ClaimDifference, paper: PaperSpec) -> Iterator[Bar]:
    verdicts: dict[str, Numbers] = {
        each.name: each.numbers for each in claim.quantities if each.numbers
    }
    for each in named(claim, paper, [each.difference for each in claim.quantities]):
        label = claim.claim + (f"\n{each.name}" if each.name else "")
        yield Bar(label, verdicts[each.full_name], each.estimate)


def _axis(claim: ClaimDifference, paper: PaperSpec) -> str:
    of = claim_of(paper, claim.claim)
    metric = metric_words(metric_of(paper, of))
    slope = (
        f"slope of {metric} per {words(of.expects.along)}" if isinstance(of.expects, Trend) else ""
    )
    return f"B − A: {slope or metric}"


def _draw(groups: dict[str, list[Bar]]) -> Drawing:
    sizes = [len(bars) + 0.9 for bars in groups.values()]
    figure = new_figure(WIDTH_INCHES, 0.36 * sum(sizes) + 0.55 * len(groups) + 0.4)
    grid = figure.subplots(len(groups), 1, squeeze=False, height_ratios=sizes)
    for axes, (unit, bars) in zip(grid.flat, groups.items(), strict=True):
        _panel(axes, bars)
        axes.set_xlabel(unit)
    figure.legend(handles=list(_legend(groups)), loc="outside upper center", ncols=3)
    return Drawing(NAME, _CAPTION, figure)


def _panel(axes: Axes, bars: Sequence[Bar]) -> None:
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=INK, linewidth=1)
    for y, bar in enumerate(bars):
        colour, marker = _LOOKS[bar.numbers]
        got = bar.estimate
        if got.low is not None and got.high is not None:
            axes.plot([got.low, got.high], [y, y], color=colour, linewidth=2)
        axes.plot([got.mean], [y], color=colour, marker=marker, markersize=6, linestyle="")
    axes.grid(axis="x", color="#edf0f2")


def _legend(groups: dict[str, list[Bar]]) -> Iterator[Line2D]:
    there = {bar.numbers for bars in groups.values() for bar in bars}
    for numbers, (colour, marker) in _LOOKS.items():
        if numbers in there:
            yield Line2D(
                [],
                [],
                linestyle="",
                label=WORDS[numbers],
                color=colour,
                marker=marker,
                markersize=6,
            )
