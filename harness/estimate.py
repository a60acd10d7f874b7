"""From rows to an estimate with its interval: over units and seeds, paired where units are shared.

Every question that a verdict asks is a weighted sum of quantities (a contrast): one quantity, the
difference of two, the slope along a condition. Owns the formulas, knows nothing of claims.
"""

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from harness.measurement import Measurement
from harness.metrics import get_metric
from harness.record import Record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


class Estimate(Record):
    """A contrast of quantities with its confidence interval. `None` is unknown, never zero."""

    mean: float
    stderr: float | None
    seed_stderr: float | None
    """The part of `stderr` that comes from seeds; `None` with one seed."""
    low: float | None
    high: float | None
    n: int
    """Independent units; the smallest number among the quantities."""
    seeds: int


class Term(NamedTuple):
    """A weight and the rows of one quantity, one a seed."""

    weight: float
    rows: Sequence[Measurement]


class _Spread(NamedTuple):
    variance: float
    seed_variance: float | None
    degrees: float


def estimate(rows: Sequence[Measurement], *, level: float = 0.95) -> Estimate | None:
    """The mean over seeds of one quantity; `None` where nothing was measured."""
    return contrast([Term(1.0, rows)], level=level)


def contrast(terms: Sequence[Term], *, level: float = 0.95) -> Estimate | None:
    """Weighted sum of quantities, with a two-sided interval; `None` where one was not measured.

    Quantities scored on the very same units with the same seeds are combined unit by unit, so
    that what they share cancels; otherwise intervals are joined by MOVER (Zou and Donner 2008).
    """
    if not all(term.rows for term in terms):
        return None
    if _paired(terms):
        return _over_units(terms, level)
    parts = [_alone(term.rows, level) for term in terms]
    return parts[0] if _plain(terms) else _mover(terms, parts)


def _plain(terms: Sequence[Term]) -> bool:
    return len(terms) == 1 and terms[0].weight == 1.0


def _paired(terms: Sequence[Term]) -> bool:
    rows = [row for term in terms for row in term.rows]
    sets = {row.items.set if row.items else None for row in rows}
    seeds = {tuple(row.seed for row in term.rows) for term in terms}
    return len(sets) == 1 and None not in sets and len(seeds) == 1


def _over_units(terms: Sequence[Term], level: float) -> Estimate:
    scores = sum(term.weight * _matrix(term.rows) for term in terms)
    assert not isinstance(scores, int)
    seeds, units = scores.shape
    mean = float(scores.mean())
    spread = crossed_variance(scores)
    if _plain(terms) and _is_proportion(terms):
        low, high = wilson(mean, spread.variance, units, _t(level, spread.degrees))
    else:
        reach = sum(abs(term.weight) for term in terms) / 2 if _is_proportion(terms) else None
        low, high = _student(mean, spread, units, reach, level)
    return _estimate(mean, spread, (low, high), n=units, seeds=seeds)


def _student(
    mean: float, spread: _Spread, units: int, reach: float | None, level: float
) -> tuple[float | None, float | None]:
    """Student's interval. Scores within ±`reach` get two pseudo-units there (Bonett, Price 2012).

    So a difference that is zero on every unit of a small set is not taken for exactly zero.
    """
    if units < 2 and spread.seed_variance is None:
        return None, None
    centre, variance = mean, spread.variance
    if reach is not None:
        centre = mean * units / (units + 2)
        within = variance * units * (units / (units + 2)) ** 2
        pseudo = 2 * reach**2 / (units + 2) + 2 * units * mean**2 / (units + 2) ** 2
        variance = (within + pseudo) / (units + 2)
    half = _t(level, spread.degrees) * sqrt(variance)
    return centre - half, centre + half


def crossed_variance(scores: "NDArray[float64]") -> _Spread:
    """Variance of the grand mean of a [seeds, units] table with both factors random.

    (MS_unit + MS_seed - MS_residual) / (seeds * units), with Satterthwaite's degrees of freedom
    (Searle, Casella and McCulloch, Variance Components, ch. 4).
    """
    seeds, units = scores.shape
    by_unit = float(scores.mean(0).var(ddof=1)) / units if units > 1 else 0.0
    if seeds == 1:
        return _Spread(by_unit, None, max(units - 1, 1))
    by_seed = float(scores.mean(1).var(ddof=1)) / seeds
    if units == 1:
        return _Spread(by_seed, by_seed, seeds - 1)
    residual = scores - scores.mean(0) - scores.mean(1, keepdims=True) + scores.mean()
    both = float((residual**2).sum()) / ((units - 1) * (seeds - 1) * units * seeds)
    from_seeds = max(by_seed - both, 0.0)
    total = by_unit + from_seeds
    weights = by_unit**2 / (units - 1) + by_seed**2 / (seeds - 1)
    degrees = total**2 / weights if weights > 0 else units - 1
    return _Spread(total, from_seeds, max(degrees, 1.0))


def wilson(mean: float, variance: float, units: int, t: float) -> tuple[float, float]:
    """Wilson's score interval at the effective number of units mean(1-mean)/variance.

    Korn and Graubard's use of it for clustered data; with no variance at all, `units` counts.
    """
    effective = mean * (1 - mean) / variance if variance > 0 else float(units)
    shrink = 1 + t**2 / effective
    centre = (mean + t**2 / (2 * effective)) / shrink
    half = t * sqrt(mean * (1 - mean) / effective + t**2 / (4 * effective**2)) / shrink
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _alone(rows: Sequence[Measurement], level: float) -> Estimate:
    """One quantity whose rows share no units: spread over seeds plus the rows' own error."""
    if _paired([Term(1.0, rows)]):
        return _over_units([Term(1.0, rows)], level)
    values = [row.value for row in rows]
    mean, n = sum(values) / len(values), min(row.n for row in rows)
    own = [row.stderr**2 for row in rows if row.stderr is not None]
    within = sum(own) / len(own) if len(own) == len(rows) else None
    across = None
    if len(values) > 1:
        across = sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)
    if within is None and across is None:
        return Estimate(mean=mean, stderr=None, seed_stderr=None, low=None, high=None, n=n, seeds=1)
    spread = _add(within, across, n, len(values))
    if get_metric(rows[0].metric).is_proportion:
        interval = wilson(mean, spread.variance, n, _t(level, spread.degrees))
    else:
        half = _t(level, spread.degrees) * sqrt(spread.variance)
        interval = (mean - half, mean + half)
    return _estimate(mean, spread, interval, n=n, seeds=len(values))


def _add(within: float | None, across: float | None, n: int, seeds: int) -> _Spread:
    total = (within or 0.0) + (across or 0.0)
    weights = (within or 0.0) ** 2 / max(n - 1, 1) + (across or 0.0) ** 2 / max(seeds - 1, 1)
    degrees = total**2 / weights if weights > 0 else max(n - 1, 1)
    return _Spread(total, across, max(degrees, 1.0))


def _mover(terms: Sequence[Term], parts: Sequence[Estimate]) -> Estimate:
    mean = sum(term.weight * part.mean for term, part in zip(terms, parts, strict=True))
    n, seeds = min(part.n for part in parts), min(part.seeds for part in parts)
    down = up = variance = seed_variance = 0.0
    for (weight, _), part in zip(terms, parts, strict=True):
        if part.low is None or part.high is None or part.stderr is None:
            return Estimate(
                mean=mean, stderr=None, seed_stderr=None, low=None, high=None, n=n, seeds=seeds
            )
        ends = sorted((weight * (part.low - part.mean), weight * (part.high - part.mean)))
        down, up = down + ends[0] ** 2, up + ends[1] ** 2
        variance += (weight * part.stderr) ** 2
        seed_variance += (weight * (part.seed_stderr or 0.0)) ** 2
    spread = _Spread(variance, seed_variance if seeds > 1 else None, 0)
    return _estimate(mean, spread, (mean - sqrt(down), mean + sqrt(up)), n=n, seeds=seeds)


def _estimate(
    mean: float,
    spread: _Spread,
    interval: tuple[float | None, float | None],
    *,
    n: int,
    seeds: int,
) -> Estimate:
    from_seeds = None if spread.seed_variance is None else sqrt(spread.seed_variance)
    return Estimate(
        mean=mean,
        stderr=sqrt(spread.variance),
        seed_stderr=from_seeds,
        low=interval[0],
        high=interval[1],
        n=n,
        seeds=seeds,
    )


def _matrix(rows: Sequence[Measurement]) -> "NDArray[float64]":
    """Scores as [seeds, units]."""
    import numpy as np

    return np.array([row.items.unpack() for row in rows if row.items], dtype=np.float64)


def _is_proportion(terms: Sequence[Term]) -> bool:
    return all(get_metric(row.metric).is_proportion for term in terms for row in term.rows)


def _t(level: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))
