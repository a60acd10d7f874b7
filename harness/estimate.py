"""From rows to an estimate with its interval: over units and seeds, paired where units are shared.

Every question that a verdict asks is a weighted sum of quantities (a contrast): one quantity, the
difference of two, the slope along a condition. Owns the formulas, knows nothing of claims.
"""

import statistics
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


class Spread(NamedTuple):
    """Variance of a mean by its origin; `None` where that origin was not seen to vary."""

    by_unit: float | None
    by_seed: float | None
    units: int
    seeds: int

    @property
    def variance(self) -> float:
        """The whole variance of the mean."""
        return (self.by_unit or 0.0) + (self.by_seed or 0.0)

    def t(self, level: float) -> float:
        """Half-width of the interval in standard errors.

        The squared half-widths of the two origins add, each with its own degrees of freedom (Howe
        1974, JASA 69:789), so that few seeds are not hidden behind many units.
        """
        parts = [
            (variance, _student_t(level, max(count - 1, 1)))
            for variance, count in ((self.by_unit, self.units), (self.by_seed, self.seeds))
            if variance is not None
        ]
        if self.variance == 0:
            return parts[0][1]
        return sqrt(sum(variance * t**2 for variance, t in parts) / self.variance)


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
    if share_units(terms):
        return _over_units(terms, level)
    spreads = [_spread(term.rows) for term in terms]
    known = [spread for spread in spreads if spread is not None]
    if len(known) < len(terms):
        n = min(row.n for term in terms for row in term.rows)
        return _without_interval(_mean(terms), n=n, seeds=min(len(term.rows) for term in terms))
    return _joined(terms, known, level)


def _plain(terms: Sequence[Term]) -> bool:
    return len(terms) == 1 and terms[0].weight == 1.0


def share_units(terms: Sequence[Term]) -> bool:
    """Whether all rows scored the very same units, and each quantity has the same seeds."""
    rows = [row for term in terms for row in term.rows]
    sets = {(row.items.set, row.n) if row.items else None for row in rows}
    seeds = {tuple(row.seed for row in term.rows) for term in terms}
    return len(sets) == 1 and None not in sets and len(seeds) == 1


def _over_units(terms: Sequence[Term], level: float) -> Estimate:
    scores = sum(term.weight * _matrix(term.rows) for term in terms)
    assert not isinstance(scores, int)
    seeds, units = scores.shape
    mean = float(scores.mean())
    spread = crossed_variance(scores)
    if spread is None:
        return _without_interval(mean, n=units, seeds=seeds)
    if _plain(terms) and _is_proportion(terms):
        return _estimate(mean, spread, wilson(mean, spread.variance, units, spread.t(level)))
    reach = sum(abs(term.weight) for term in terms) / 2 if _is_proportion(terms) else None
    centre, variance = mean, spread.variance
    if reach is not None:
        centre, variance = _with_pseudo_units(scores.mean(0), variance, reach)
    half = spread.t(level) * sqrt(variance)
    return _estimate(mean, spread, (centre - half, centre + half))


def _with_pseudo_units(
    scores: "NDArray[float64]", variance: float, reach: float
) -> tuple[float, float]:
    """Centre and variance with one unit more at each end (Bonett and Price 2012, for ±1 scores).

    So a difference that is zero on every unit of a small set is not taken for exactly zero. The
    ends are as far out as the differences seen typically are, mean(d^2) / mean |d|, which is 1 for
    ±1 scores; `reach`, the farthest possible, where none was seen.
    """
    units, mean, sizes = len(scores), float(scores.mean()), abs(scores)
    end = float((sizes**2).mean() / sizes.mean()) if sizes.any() else reach
    shrink = units / (units + 2)
    added = 2 * (end**2 + shrink * mean**2) / (units + 2) ** 2
    return shrink * mean, shrink**2 * variance + added


def crossed_variance(scores: "NDArray[float64]") -> Spread | None:
    """Variance of the grand mean of a [seeds, units] table with both factors random.

    Units and their interaction with seeds give MS_unit / (seeds * units), seeds give
    (MS_seed - MS_residual) / (seeds * units), not under 0 (Searle, Casella and McCulloch, Variance
    Components, ch. 4). `None` for a single score.
    """
    seeds, units = scores.shape
    by_unit = float(scores.mean(0).var(ddof=1)) / units if units > 1 else None
    by_seed = float(scores.mean(1).var(ddof=1)) / seeds if seeds > 1 else None
    if by_unit is not None and by_seed is not None:
        residual = scores - scores.mean(0) - scores.mean(1, keepdims=True) + scores.mean()
        both = float((residual**2).sum()) / ((units - 1) * (seeds - 1) * units * seeds)
        by_seed = max(by_seed - both, 0.0)
    known = by_unit is not None or by_seed is not None
    return Spread(by_unit, by_seed, units, seeds) if known else None


def wilson(mean: float, variance: float, units: int, t: float) -> tuple[float, float]:
    """Wilson's score interval at the effective number of units mean(1-mean)/variance.

    Korn and Graubard's use of it for clustered data. At least one unit; `units` with no variance.
    """
    mean = min(max(mean, 0.0), 1.0)
    spread = mean * (1 - mean)
    effective = max(spread / variance, 1.0) if spread > 0 and variance > 0 else float(units)
    shrink = 1 + t**2 / effective
    centre = (mean + t**2 / (2 * effective)) / shrink
    half = t * sqrt(spread / effective + (t / (2 * effective)) ** 2) / shrink
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _spread(rows: Sequence[Measurement]) -> Spread | None:
    """How the mean of one quantity's rows varies; `None` for one bare value.

    A bare value that all seeds repeat is no better, but for a proportion: there `wilson` counts
    the units. Without items nobody knows how far the seeds share their units' errors. They are
    taken to share all of it, so that the interval is rather too wide (98 to 99.5 % for 95 %).
    """
    if share_units([Term(1.0, rows)]):
        return crossed_variance(_matrix(rows))
    own = [row.stderr**2 for row in rows if row.stderr is not None]
    within = statistics.fmean(own) if len(own) == len(rows) else None
    across = statistics.variance(row.value for row in rows) / len(rows) if len(rows) > 1 else None
    if within is None and not across and not (len(rows) > 1 and _is_proportion([Term(1.0, rows)])):
        return None
    return Spread(within, across, min(row.n for row in rows), len(rows))


def _joined(terms: Sequence[Term], spreads: Sequence[Spread], level: float) -> Estimate:
    """Add the squared distances of the quantities' limits, and of what their seeds do together."""
    shared = _over_shared_seeds(terms, spreads)
    seeds = min(spread.seeds for spread in spreads)
    units = min(spread.units for spread in spreads)
    by_unit = sum(t.weight**2 * (s.by_unit or 0) for t, s in zip(terms, spreads, strict=True))
    by_seed = sum(t.weight**2 * (s.by_seed or 0) for t, s in zip(terms, spreads, strict=True))
    down = up = 0.0
    if shared is not None:
        by_seed, spreads = shared, [spread._replace(by_seed=None) for spread in spreads]
        down = up = shared * _student_t(level, seeds - 1) ** 2
    for term, spread in zip(terms, spreads, strict=True):
        below, above = _reaches(term, spread, level)
        down, up = down + below**2, up + above**2
    mean = _mean(terms)
    spread = Spread(by_unit, by_seed if seeds > 1 else None, units, seeds)
    return _estimate(mean, spread, (mean - sqrt(down), mean + sqrt(up)))


def _over_shared_seeds(terms: Sequence[Term], spreads: Sequence[Spread]) -> float | None:
    """Variance of a contrast over the seeds, where all its quantities have the same ones.

    What each quantity's own seeds vary by for its units' noise alone is taken off. `None` also
    where no errors over units are known: seeds that agree would leave no interval at all.
    """
    seeds = {tuple(row.seed for row in term.rows) for term in terms}
    over_seeds_alone = any(spread.by_unit is None for spread in spreads)
    if len(terms) == 1 or len(seeds) > 1 or len(terms[0].rows) < 2 or over_seeds_alone:
        return None
    values = [[term.weight * row.value for row in term.rows] for term in terms]
    together = statistics.variance(map(sum, zip(*values, strict=True))) / len(terms[0].rows)
    noise = 0.0
    for term, spread, own in zip(terms, spreads, values, strict=True):
        noise += statistics.variance(own) / len(own) - term.weight**2 * (spread.by_seed or 0.0)
    return max(together - noise, 0.0)


def _reaches(term: Term, spread: Spread, level: float) -> tuple[float, float]:
    """How far the limits of a weighted quantity lie below and above it."""
    if spread.by_unit is None and spread.by_seed is None:
        return 0.0, 0.0
    mean, t = statistics.fmean(row.value for row in term.rows), spread.t(level)
    low, high = mean - t * sqrt(spread.variance), mean + t * sqrt(spread.variance)
    if _is_proportion([term]):
        low, high = wilson(mean, spread.variance, spread.units, t)
    below, above = sorted((term.weight * (low - mean), term.weight * (high - mean)))
    return below, above


def _mean(terms: Sequence[Term]) -> float:
    return sum(term.weight * statistics.fmean(row.value for row in term.rows) for term in terms)


def _estimate(mean: float, spread: Spread, interval: tuple[float, float]) -> Estimate:
    return Estimate(
        mean=mean,
        stderr=sqrt(spread.variance),
        seed_stderr=None if spread.by_seed is None else sqrt(spread.by_seed),
        low=interval[0],
        high=interval[1],
        n=spread.units,
        seeds=spread.seeds,
    )


def _without_interval(mean: float, *, n: int, seeds: int) -> Estimate:
    return Estimate(mean=mean, stderr=None, seed_stderr=None, low=None, high=None, n=n, seeds=seeds)


def _matrix(rows: Sequence[Measurement]) -> "NDArray[float64]":
    """Scores as [seeds, units]."""
    import numpy as np

    return np.array([row.items.unpack() for row in rows if row.items], dtype=np.float64)


def _is_proportion(terms: Sequence[Term]) -> bool:
    return all(get_metric(row.metric).is_proportion for term in terms for row in term.rows)


def _student_t(level: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))
