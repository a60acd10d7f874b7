"""The figure of a campaign: gain over the baseline, trial by trial, and what has no score below."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.autoresearch.ledger.event import Outcome
from harness.autoresearch.ledger.history import History
from harness.autoresearch.report.gain import Gain, of_test
from harness.autoresearch.report.points import Point, points
from harness.report.figures.style import COLOURS, SOFT, WIDTH_INCHES, Drawing, drawing, new_figure
from harness.report.wording import metric_name

NAME = "trials"
_GREY = "#8b949c"
_DEV, _GATE, _SEALED = COLOURS[0], COLOURS[1], COLOURS[2]
_APART = 0.16
"""Of the marks of dev and gate of one trial, in trials."""
_DEEPEST = 0.5
"""How far below the kept gains rejected ones are still shown in place, in spans of those."""
_WITHOUT_SCORE: dict[Outcome, str] = {"loophole": "$?$", "refused": "o", "invalid": "x"}


def draw_curve(history: History) -> Drawing:
    """Kept gains with their intervals, rejected ones in grey, crosses for what was invalid."""
    with drawing():
        figure = _drawn(new_figure(WIDTH_INCHES, 4.6), history)
    return Drawing(NAME, _caption(history), figure)


def _drawn(figure: Figure, history: History) -> Figure:
    shown = points(history)
    above, below = figure.subplots(
        2, 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": (5, 1)}
    ).flat
    last = max([each.trial for each in shown], default=1)
    sealed = of_test(history.sealed.test) if history.sealed else None
    end = last if sealed is None else last + max(1.0, 0.04 * last)
    _steps(above, shown, last)
    _kept(above, shown)
    if sealed is not None:
        _with_bars(above, [(end, sealed)], "*", _SEALED, "winner, sealed")
    _limit(above, shown, sealed)
    _rejected(above, shown)
    above.set_ylabel(f"gain in {metric_name(history.begun.task.metric)}")
    above.grid(axis="y", color="#edf0f2")
    above.tick_params(labelbottom=False)
    _without_score(below, shown)
    below.set_xlim(-0.6, end + 0.6)
    below.set_xlabel("trial")
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    _, labels = above.get_legend_handles_labels()
    if labels:
        figure.legend(loc="outside upper left", ncols=len(labels))
    return figure


def _steps(axes: Axes, shown: Sequence[Point], last: int) -> None:
    """What the incumbent gains, as dev has measured it."""
    kept = [(each.trial, each.dev.mean) for each in shown if each.outcome == "kept" and each.dev]
    xs, ys = zip((0, 0.0), *kept, strict=True)
    axes.axhline(0, color=SOFT, linewidth=0.8, linestyle=":")
    axes.step((*xs, last), (*ys, ys[-1]), where="post", color=_DEV, linewidth=1.2, alpha=0.55)


def _kept(axes: Axes, shown: Sequence[Point]) -> None:
    kept = [each for each in shown if each.outcome == "kept"]
    dev = [(each.trial - _APART, each.dev) for each in kept if each.dev is not None]
    gate = [(each.trial + _APART, each.gate) for each in kept if each.gate is not None]
    _with_bars(axes, dev, "o", _DEV, "kept, on dev")
    _with_bars(axes, gate, "D", _GATE, "kept, on the gate")


def _with_bars(
    axes: Axes, at: Sequence[tuple[float, Gain]], marker: str, colour: str, label: str
) -> None:
    if not at:
        return
    means = [gain.mean for _, gain in at]
    lengths = [(gain.mean - gain.ends[0], gain.ends[1] - gain.mean) for _, gain in at]
    axes.errorbar(
        [x for x, _ in at],
        means,
        yerr=list(zip(*lengths, strict=True)),
        fmt=marker,
        color=colour,
        markersize=9 if marker == "*" else 6,
        markerfacecolor="white" if marker == "D" else colour,
        elinewidth=1.3,
        capsize=3,
        label=label,
        zorder=3,
    )


def _limit(axes: Axes, shown: Sequence[Point], sealed: Gain | None) -> None:
    """All that was kept is shown whole; one failed idea does not press it flat."""
    kept = [each for point in shown if point.outcome == "kept" for each in (point.dev, point.gate)]
    ends = [0.0, *(end for gain in (*kept, sealed) if gain is not None for end in gain.ends)]
    tried = [each.dev.mean for each in shown if each.outcome == "rejected" and each.dev]
    high = max(*ends, *tried, 0.0)
    span = high - min(ends) or max(map(abs, tried), default=0.0) or 1.0
    low = max(min(*ends, *tried, 0.0), min(ends) - _DEEPEST * span)
    axes.set_ylim(low - 0.06 * span, high + 0.06 * span)


def _rejected(axes: Axes, shown: Sequence[Point]) -> None:
    tried = [
        (each.trial, each.dev.mean) for each in shown if each.outcome == "rejected" and each.dev
    ]
    low, high = axes.get_ylim()
    edge = low + 0.025 * (high - low)
    inside = [(trial, mean) for trial, mean in tried if mean >= low]
    below = [(trial, edge) for trial, mean in tried if mean < low]
    for at, marker, label in ((inside, "o", "rejected"), (below, "v", "rejected, far below")):
        if at:
            xs, ys = zip(*at, strict=True)
            axes.plot(xs, ys, marker, color=_GREY, markersize=5, alpha=0.8, label=label, zorder=2)


def _without_score(axes: Axes, shown: Sequence[Point]) -> None:
    """A row for each way to have none. They are no zeros, and so stand beside the axis."""
    for height, (outcome, marker) in enumerate(_WITHOUT_SCORE.items()):
        xs = [each.trial for each in shown if each.outcome == outcome]
        face = "none" if marker == "o" else SOFT
        axes.plot(
            xs,
            [height] * len(xs),
            linestyle="none",
            marker=marker,
            color=SOFT,
            markerfacecolor=face,
            markersize=7 if marker == "$?$" else 5.5,
        )
    axes.set_yticks(range(len(_WITHOUT_SCORE)), list(_WITHOUT_SCORE))
    axes.set_ylim(-0.6, len(_WITHOUT_SCORE) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _caption(history: History) -> str:
    metric = metric_name(history.begun.task.metric)
    star = " Star: the sealed gain of the winner over the baseline." if history.sealed else ""
    return (
        f"Gain in {metric} over the baseline after each trial. Blue: kept changes on dev, where "
        "they were chosen. Hollow: the same on the gate's world and fresh seeds. Bars: 95 % "
        "intervals over paired seeds, of all keeps so far together. Grey: the mean of a rejected "
        f"trial, above or below the incumbent of its time.{star} Trials without a score stand "
        "below the axis."
    )
