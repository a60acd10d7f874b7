"""Whether numbers can have come out of measuring at all.

A share of n units that are right or wrong is k/n (the GRIM test: Brown and Heathers 2017, Social
Psychological and Personality Science 8:363); scores between two ends can spread only so far (SPRITE
and Bhatia and Davis 2000, American Mathematical Monthly 107:353); nobody measures round numbers.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import comb, gcd, sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from harness.expectations import Bound
from harness.metrics import get_metric
from harness.review.finding import Finding
from harness.review.rules.rows import Placed, conditions_key

if TYPE_CHECKING:
    from harness.review.opened import Opened

GRAIN = {
    "behaviour_rate": 1,
    "misbehaviour_rate": 1,
    "fact_accuracy": 1,
    "letter_accuracy": 1,
    "sign_flips": 1,
    "accuracy_kept": 1,
    "informative_fraction": 1,
    "conversion_success": 1,
    "danger_preferred": 1,
    "emotion_accuracy": 1,
    "accuracy_binary": 12,
    "answer_preferred": 12,
}
"""Of a counted metric, in how many equal parts a unit's score may come.

A unit of `accuracy_binary` is a city or a pair of numbers with a few statements, and a score a
share of them: with up to four it is a multiple of 1/12.
"""
_MEANS = frozenset(
    {*GRAIN, "prefix_matching_score", "previous_token_score", "duplicate_token_score"}
    | {"held_apart_prefix_matching_score", "copying_score", "choice_probability", "choice_shift"}
    | {"answer_probability", "attention_to", "path_share"}
)
"""Metrics between two ends whose standard error is that of a mean over units."""
_FLOAT32 = 2.0**-23
"""Relative spacing of float32: scores are stored so, and some values come from it."""
_FEW_DIGITS = 6
"""One double in some ten thousand millions has no more by chance."""
_DYADIC = 64
"""Halves, quarters and so on down to 1/64 are exact in a float, and measured."""
_ROUND_LEAST = 20
_ROUND_UNITS = 100
_ROUND_P = 1e-6


def values(opened: "Opened") -> Iterator[Finding]:
    """Rows whose value, standard error or scores cannot belong to their number of units."""
    rows = opened.placed
    for each in rows:
        yield from _row(each)
    yield from _units_differ(rows)
    yield from _at_a_limit(opened, rows)


def roundness(opened: "Opened") -> Iterator[Finding]:
    """Experiments with more values on two decimals than the numbers of units account for.

    Values of one file that are equal count once, and the metric's ends and chance not at all.
    """
    files: dict[str, list[Placed]] = {}
    for each in opened.placed:
        files.setdefault(each.path, []).append(each)
    for rows in files.values():
        yield from _too_round(rows)


def _row(each: Placed) -> Iterator[Finding]:
    row, grain = each.row, GRAIN.get(each.row.metric)
    if each.scores is not None:
        yield from _items(each, each.scores)
        if grain is not None and not all(_is_multiple(score, grain, 1) for score in each.scores):
            yield each.finding("impossible-score", f"a unit's score is no multiple of 1/{grain}")
    if grain is not None and not _is_multiple(row.value, grain, row.n):
        message = f"{row.value:.6g} is no number of {row.n:,} units that are right or wrong"
        yield each.finding("impossible-value", message)
    if each.scores is None:
        yield from _digits(each)
        if row.stderr is not None and row.metric in _MEANS:
            yield from _spread(each, row.stderr)


def _digits(each: Placed) -> Iterator[Finding]:
    """A mean of float scores has some sixteen digits; few, and no count over n, were typed."""
    row = each.row
    for name, value in (("value", row.value), ("standard error", row.stderr)):
        if value is None or _is_multiple(value, _DYADIC, 1) or _is_multiple(value, 1, row.n):
            continue
        digits = Decimal(repr(value)).normalize().as_tuple().digits
        if len(digits) <= _FEW_DIGITS and row.metric not in GRAIN:
            message = f"{name} {value!r} has {len(digits)} digits; measured ones have sixteen"
            yield each.finding("few-digits", message, severity="warning")


def _items(each: Placed, scores: tuple[float, ...]) -> Iterator[Finding]:
    """Value and standard error are recomputed from the scores, float32's rounding forgiven."""
    row, size = each.row, max(map(abs, scores))
    mean = fmean(scores)
    if abs(mean - row.value) > _FLOAT32 * size + 1e-12:
        message = f"{row.value!r} is stated, {mean!r} is the mean of its scores"
        yield each.finding("value-differs", message)
    if row.stderr is None or len(scores) < 2:
        return
    stderr = stdev(scores) / sqrt(len(scores))
    if abs(stderr - row.stderr) > 1e-3 * stderr + _FLOAT32 * size:
        message = f"a standard error of {row.stderr:.4g} is stated, its scores give {stderr:.4g}"
        yield each.finding("stderr-differs", message)


def _spread(each: Placed, stderr: float) -> Iterator[Finding]:
    """The largest spread of scores with a mean is had with all of them at the two ends."""
    row, metric = each.row, get_metric(each.row.metric)
    if metric.low is None or metric.high is None or row.n < 2:
        return
    most = sqrt(max((row.value - metric.low) * (metric.high - row.value), 0.0) / (row.n - 1))
    if stderr > most * (1 + 1e-5) + 1e-9:
        message = f"a standard error of {stderr:.4g}; {row.n:,} units of this mean allow {most:.4g}"
        yield each.finding("impossible-stderr", message)
    grain = GRAIN.get(row.metric)
    if stderr == 0 and grain is not None and not _is_multiple(row.value, grain, 1):
        yield each.finding("impossible-stderr", f"units that all agree do not give {row.value:.6g}")


def _is_multiple(value: float, grain: int, units: int) -> bool:
    """Whether a mean over units whose scores are multiples of 1/grain can have a value."""
    parts = value * grain * units
    return abs(parts - round(parts)) <= _FLOAT32 * abs(parts) + 1e-9


def _units_differ(rows: Iterable[Placed]) -> Iterator[Finding]:
    """One quantity with another number of units at another seed."""
    first: dict[tuple[object, ...], Placed] = {}
    for each in rows:
        row = each.row
        key = (row.experiment, row.metric, row.control, conditions_key(row.conditions))
        known = first.setdefault(key, each)
        if row.n != known.row.n:
            message = f"n={row.n:,}, and n={known.row.n:,} at seed {known.row.seed}"
            yield each.finding("units-differ", message, severity="note")
        if (each.scores is None) != (known.scores is None):
            message = f"scores of units stand at one seed only (compare {known.place})"
            yield each.finding("items-withheld", message)


def _at_a_limit(opened: "Opened", rows: Iterable[Placed]) -> Iterator[Finding]:
    """Values that are a claim's limit to the last digit."""
    bounds = [
        (claim.id, claim.expects)
        for claim in opened.replication.paper.claims
        if isinstance(claim.expects, Bound)
    ]
    for each in rows:
        for claim, bound in bounds:
            grain = GRAIN.get(each.row.metric)
            countable = grain is not None and _is_multiple(bound.limit, grain, each.row.n)
            reached = each.row.value == bound.limit and each.row.matches(bound.quantity)
            if reached and not countable:
                message = f"{each.row.value!r} is the limit of {claim} to the last digit"
                yield each.finding("at-the-limit", message, severity="warning")


def _too_round(rows: list[Placed]) -> Iterator[Finding]:
    telling = {(each.row.metric, each.row.value): each for each in rows if _can_be_round(each)}
    round_ones = [each for each in telling.values() if _is_multiple(each.row.value, 100, 1)]
    if len(telling) < _ROUND_LEAST or len(round_ones) < 2:
        return
    expected = fmean(map(_chance_of_round, telling.values()))
    p = at_least(len(round_ones), len(telling), expected)
    if p < _ROUND_P:
        message = (
            f"{len(round_ones)} of {len(telling)} different values have two decimals; "
            f"{expected * len(telling):.1g} are expected (p = {p:.1g})"
        )
        yield round_ones[0].finding("too-round", message, severity="warning")


def _can_be_round(each: Placed) -> bool:
    row, metric = each.row, get_metric(each.row.metric)
    return (
        metric.is_proportion
        and row.n > _ROUND_UNITS
        and row.value not in (metric.low, metric.high, metric.chance)
        and _chance_of_round(each) < 1
    )


def _chance_of_round(each: Placed) -> float:
    """Share of the values that n units can give that are multiples of 0.01."""
    grain = GRAIN.get(each.row.metric)
    if grain is None:
        return 1e-4
    parts = grain * each.row.n
    return min(gcd(100, parts) / parts, 1.0)


def at_least(successes: int, trials: int, chance: float) -> float:
    """Probability that a binomial number is that large or larger."""
    return min(
        1.0,
        sum(
            comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
            for k in range(successes, trials + 1)
        ),
    )
