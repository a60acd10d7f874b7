"""Every judged claim's interval against the region where it holds, its controls beside it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from harness.estimate import Estimate
from harness.examine import Outcome
from harness.expectations import Equivalence, Ordering, TableMatch, Trend
from harness.measurement import Quantity
from harness.paper import Claim
from harness.report.estimates import controls, shown
from harness.report.figures.style import FAINT, INK, SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.limits import claimed_region, metric_of
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.wording import metric_words, words
from harness.settle import Region

FOREST = "forest"
"""Name of the figure."""

_MARKERS: dict[Outcome, str] = {
    "replicated": "o",
    "partial": "D",
    "not_replicated": "X",
    "inconclusive": "s",
}


class Mark(NamedTuple):
    """How an estimate is drawn."""

    colour: str
    marker: str
    filled: bool = True

    def line(self) -> dict[str, Any]:
        """As matplotlib takes it."""
        face = self.colour if self.filled else "white"
        look = {"marker": self.marker, "markersize": 6, "linestyle": ""}
        return {**look, "color": self.colour, "markerfacecolor": face}


_CONTROL = Mark(SOFT, "o", filled=False)


class Bar(NamedTuple):
    """One interval of a claim, with those of the controls for the same number."""

    label: str
    outcome: Outcome
    region: Region
    estimate: Estimate
    controls: Sequence[Estimate]


def forest(material: Material) -> Iterator[Drawing]:
    """One figure, a panel a unit; nothing where no claim was judged on an interval."""
    groups: dict[str, list[Bar]] = {}
    for claim, verdict in material.judged_pairs:
        if verdict.outcome in _MARKERS and not isinstance(claim.expects, TableMatch):
            unit = _axis(claim, metric_of(material.paper, claim))
            groups.setdefault(unit, []).extend(_bars(material, claim))
    groups = {unit: bars for unit, bars in groups.items() if bars}
    if groups:
        yield _draw(groups)


def _bars(material: Material, claim: Claim) -> Iterator[Bar]:
    verdict = next(each for each in material.verdicts if each.claim == claim.id)
    region = claimed_region(claim.expects)
    assert region is not None, claim
    beside = controls(material, claim)
    found = shown(material.paper, claim, verdict.estimates)
    for each in found:
        theirs = [
            got.estimate
            for control in beside
            for got in control.estimates
            if got.full_name == each.full_name
        ]
        secondary = " †" if claim.source.status == "secondary" else ""
        label = f"{claim.id}{secondary}" + (f"\n{each.name}" if len(found) > 1 else "")
        yield Bar(label, verdict.outcome, region, each.estimate, theirs)


def _axis(claim: Claim, metric: str) -> str:
    """What the horizontal axis of a claim's panel shows."""
    match claim.expects:
        case Ordering() | Equivalence(to=Quantity()):
            return f"difference in {metric_words(metric)}"
        case Trend(along=along):
            return f"slope of {metric_words(metric)} per {words(along)}"
        case _:
            return metric_words(metric)


def _draw(groups: dict[str, list[Bar]]) -> Drawing:
    sizes = [len(bars) + 0.9 for bars in groups.values()]
    figure = new_figure(WIDTH_INCHES, 0.44 * sum(sizes) + 0.55 * len(groups) + 0.4)
    grid = figure.subplots(len(groups), 1, squeeze=False, height_ratios=sizes)
    for axes, (unit, bars) in zip(grid.flat, groups.items(), strict=True):
        _panel(axes, bars)
        axes.set_xlabel(unit)
    figure.legend(handles=list(_legend(groups)), loc="outside upper center", ncols=6)
    return Drawing(FOREST, _CAPTION, figure)


_CAPTION = (
    "Every judged claim: our 95 % interval, the region in which the claim holds (shaded), and what "
    "the controls give for the same number (open marks). Replicated means wholly inside the shaded "
    "region, with the controls outside. † secondary source."
)


def _panel(axes: Axes, bars: Sequence[Bar]) -> None:
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(*_limits(bars))
    for y, bar in enumerate(bars):
        _region(axes, y, bar.region)
        for place, control in enumerate(bar.controls, start=1):
            _interval(axes, y - 0.2 + 0.48 * place / len(bar.controls), control, _CONTROL)
        look = Mark(LOOKS[bar.outcome].colour, _MARKERS[bar.outcome])
        _interval(axes, y - 0.2 if bar.controls else y, bar.estimate, look)
    axes.grid(axis="x", color="#edf0f2")


def _limits(bars: Sequence[Bar]) -> tuple[float, float]:
    """Wide enough for all intervals and limits."""
    values = [bar.region.low for bar in bars] + [bar.region.high for bar in bars]
    for bar in bars:
        for got in (bar.estimate, *bar.controls):
            values += [got.low, got.mean, got.high]
    known = [value for value in values if value is not None]
    margin = 0.06 * (max(known) - min(known) or 1.0)
    return min(known) - margin, max(known) + margin


def _region(axes: Axes, y: float, region: Region) -> None:
    left, right = axes.get_xlim()
    low = left if region.low is None else region.low
    high = right if region.high is None else region.high
    axes.fill_betweenx([y - 0.42, y + 0.42], low, high, color="#dcecf5", linewidth=0)
    for end in (region.low, region.high):
        if end is not None:
            axes.plot([end, end], [y - 0.42, y + 0.42], color=INK, linewidth=1.2)


def _interval(axes: Axes, y: float, got: Estimate, look: Mark) -> None:
    if got.low is not None and got.high is not None:
        axes.plot([got.low, got.high], [y, y], color=look.colour, linewidth=2)
    axes.plot([got.mean], [y], **look.line())


def _legend(groups: dict[str, list[Bar]]) -> Iterator[Line2D | Patch]:
    outcomes = {bar.outcome for bars in groups.values() for bar in bars}
    for outcome, marker in _MARKERS.items():
        if outcome in outcomes:
            look = LOOKS[outcome]
            yield Line2D([], [], **Mark(look.colour, marker).line(), label=look.word)
    if any(bar.controls for bars in groups.values() for bar in bars):
        yield Line2D([], [], **_CONTROL.line(), label="control")
    yield Patch(facecolor="#dcecf5", edgecolor=FAINT, label="claim holds")
