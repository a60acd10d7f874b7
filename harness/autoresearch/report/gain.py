"""Gains with intervals: of one test, and of a chain of keeps each of which was tested by itself."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean
from typing import NamedTuple

from harness.autoresearch.keep.paired import standard_error
from harness.autoresearch.ledger.event import Test
from harness.record import Record

LEVEL = 0.95


class Gain(Record):
    """A mean with its two-sided 95 % interval, in the metric's unit."""

    mean: float
    low: float | None
    high: float | None
    """`None` with both ends where one value gives no interval."""

    @property
    def ends(self) -> tuple[float, float]:
        """Of the interval; the mean where there is none."""
        low, high = self.low, self.high
        return (self.mean, self.mean) if low is None or high is None else (low, high)


class _Spread(NamedTuple):
    """Variance of a mean, with its degrees of freedom."""

    variance: float
    freedom: int


def mean_of(values: Sequence[float]) -> Gain | None:
    """Mean of independent values by Student's t; `None` where there are none."""
    if not values:
        return None
    if len(values) == 1:
        return Gain(mean=values[0], low=None, high=None)
    return _gain(fmean(values), [_spread(values)])


def of_test(test: Test) -> Gain:
    """The gain that a test found."""
    return Gain(mean=test.mean, low=test.low, high=test.high)


def chained(tests: Sequence[Test]) -> Gain | None:
    """The sum of the tests' mean differences; `None` where there are none.

    Each incumbent is challenged on seeds of its own, so the means are independent and variances
    add; degrees of freedom by Welch (1947, Biometrika 34:28) and Satterthwaite (1946).
    """
    if not tests:
        return None
    return _gain(sum(each.mean for each in tests), [_spread(each.differences) for each in tests])


def _spread(values: Sequence[float]) -> _Spread:
    return _Spread(standard_error(values) ** 2, len(values) - 1)


def _gain(centre: float, spreads: Sequence[_Spread]) -> Gain:
    whole = sum(each.variance for each in spreads)
    if whole == 0:
        return Gain(mean=centre, low=centre, high=centre)
    from scipy.special import stdtrit

    freedom = whole**2 / sum(each.variance**2 / each.freedom for each in spreads)
    half = float(stdtrit(freedom, 0.5 + LEVEL / 2)) * sqrt(whole)
    return Gain(mean=centre, low=centre - half, high=centre + half)
