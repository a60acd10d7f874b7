"""Effect of steering against its coefficient, with the band of random directions and the cost.

Curves and their drawing know nothing of reports, so that anything with coefficients can use them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from harness.measurement import Condition
from harness.metrics import get_metric
from harness.report.figures.layers import unique_legend
from harness.report.figures.style import (
    COLOURS,
    FAINT,
    MARKERS,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    new_figure,
)
from harness.report.material import Material, Setting
from harness.report.wording import counted, joined, words

EFFECTS = ("choice_probability", "behaviour_rate", "logit_difference")
COST = "log_perplexity"
LEAST_SPAN = 0.2
"""Of log perplexities: less would make much of nothing."""
_KEY = "coefficient"
_SUBJECTS = ("behaviour", "topic", "direction", "train")
"""Conditions that tell curves of one experiment apart, in the order in which they title panels."""


class Curve(NamedTuple):
    """A quantity at every coefficient, from the lowest up, with the ends of its interval."""

    coefficients: tuple[float, ...]
    means: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def dose_response(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured an effect at several coefficients."""
    dosed = [each for each in material.settings if _KEY in each.conditions]
    for experiment in dict.fromkeys(each.experiment for each in dosed):
        own = [each for each in dosed if each.experiment == experiment]
        effects = [each for each in own if each.metric in EFFECTS]
        if len({each.conditions[_KEY] for each in effects}) > 1:
            yield _draw(experiment, effects, [each for each in own if each.metric == COST])


def draw_curve(axes: Axes, curve: Curve, label: str, *, place: int = 0) -> None:
    """Means joined by a line, their intervals shaded; `place` picks colour and marker."""
    colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    axes.plot(curve.coefficients, curve.means, color=colour, marker=marker, label=label)
    axes.fill_between(
        curve.coefficients, curve.low, curve.high, color=colour, alpha=0.18, linewidth=0
    )


def draw_band(axes: Axes, curve: Curve, label: str) -> None:
    """What the control gives, interval and all."""
    axes.fill_between(
        curve.coefficients, curve.low, curve.high, color=FAINT, alpha=0.8, linewidth=0, label=label
    )


def draw_zero(axes: Axes) -> None:
    """Where the model is as it is."""
    axes.axvline(0, color=SOFT, linewidth=0.9, linestyle=":")


def _draw(experiment: str, effects: Sequence[Setting], costs: Sequence[Setting]) -> Drawing:
    subjects = list(dict.fromkeys(_subject(each.conditions) for each in effects))
    rows = 2 if costs else 1
    width = min(WIDTH_INCHES, 1.2 + 2.4 * len(subjects))
    figure = new_figure(width, 2.3 * rows + 0.5)
    grid = figure.subplots(rows, len(subjects), sharex=True, sharey="row", squeeze=False)
    for column, subject in enumerate(subjects):
        grid[0][column].set_title(words(subject))
        _effect(grid[0][column], _of(effects, subject))
        if costs:
            _cost(grid[1][column], _of(costs, subject))
        grid[-1][column].set_xlabel(_KEY)
    grid[0][0].set_ylabel(words(effects[0].metric))
    if costs:
        grid[1][0].set_ylabel("log perplexity, nats")
    legend = unique_legend([*grid.flat])
    columns = min(len(legend), max(2, int(width / 1.9)))
    figure.legend(legend.values(), legend.keys(), loc="outside upper center", ncols=columns)
    return Drawing(f"dose_response.{experiment}", _caption(experiment, effects, costs), figure)


def _effect(axes: Axes, own: Sequence[Setting]) -> None:
    controls = dict.fromkeys(each.control for each in own)
    for control in sorted(controls, key=lambda each: each is None):
        curve = _curve([each for each in own if each.control == control])
        if control is None:
            draw_curve(axes, curve, "the vector")
        else:
            draw_band(axes, curve, words(control))
    chance = get_metric(own[0].metric).chance
    if chance is not None:
        axes.axhline(chance, color=SOFT, linewidth=0.9, linestyle="--", label="chance")
    draw_zero(axes)


def _cost(axes: Axes, own: Sequence[Setting]) -> None:
    """Texts of every kind under the vector, and neutral ones under the control."""
    if not own:
        axes.set_axis_off()
        return
    for place, text in enumerate(dict.fromkeys(each.conditions["text"] for each in own), start=1):
        some = [each for each in own if each.conditions["text"] == text]
        label = "neutral text" if text == "neutral" else f"text on the {text}"
        draw_means(axes, _curve([e for e in some if e.control is None]), label, place=place)
        controls = [each for each in some if each.control is not None]
        if controls and text == "neutral":
            _draw_means_of_control(axes, _curve(controls), words(str(controls[0].control)))
    low, high = axes.get_ylim()
    if high - low < LEAST_SPAN:
        middle = (low + high) / 2
        axes.set_ylim(middle - LEAST_SPAN / 2, middle + LEAST_SPAN / 2)
    draw_zero(axes)


def draw_means(axes: Axes, curve: Curve, label: str, *, place: int) -> None:
    """Means alone, where texts differ among each other far more than under steering."""
    colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    axes.plot(curve.coefficients, curve.means, color=colour, marker=marker, label=label)


def _draw_means_of_control(axes: Axes, curve: Curve, control: str) -> None:
    label = f"neutral text, {control}"
    axes.plot(curve.coefficients, curve.means, color=SOFT, linewidth=1, linestyle="-.", label=label)


def _curve(own: Sequence[Setting]) -> Curve:
    ordered = sorted(own, key=_coefficient)
    got = [each.estimate for each in ordered]
    return Curve(
        coefficients=tuple(map(_coefficient, ordered)),
        means=tuple(each.mean for each in got),
        low=tuple(each.mean if each.low is None else each.low for each in got),
        high=tuple(each.mean if each.high is None else each.high for each in got),
    )


def _coefficient(setting: Setting) -> float:
    value = setting.conditions[_KEY]
    assert not isinstance(value, str), setting
    return float(value)


def _subject(conditions: Mapping[str, Condition]) -> str:
    """What a panel is about: the behaviour, the topic."""
    named = [str(conditions[key]) for key in _SUBJECTS if key in conditions]
    return ", ".join(named) or "the vector"


def _of(settings: Sequence[Setting], subject: str) -> list[Setting]:
    return [each for each in settings if _subject(each.conditions) == subject]


def _caption(experiment: str, effects: Sequence[Setting], costs: Sequence[Setting]) -> str:
    metric = get_metric(effects[0].metric)
    controls = joined(dict.fromkeys(words(each.control) for each in effects if each.control))
    band = f" The grey band is a {controls} of the same length, drawn anew for each seed."
    seeds = max(each.estimate.seeds for each in effects)
    cost = " Below: log perplexity of texts under the same steering, means over texts."
    return (
        f"Dose and response, experiment {experiment}, {counted(seeds, 'seed')}: "
        f"{metric.definition}. The dotted line is the model as it is; negative coefficients "
        "subtract the vector. Shading is the 95 % interval."
        f"{band if controls else ''}{cost if costs else ''}"
    )
