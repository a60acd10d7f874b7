"""One comparison: Student's t-test on paired differences, one-sided."""

from collections.abc import Sequence
from math import copysign, fsum, inf, isfinite, sqrt
from statistics import fmean

from harness.autoresearch.ledger.event import Test

NO_SPREAD = 1e-5
"""Differences that agree to this fraction of their mean vary only by the rounding of scores."""


def paired_test(
    seeds: Sequence[int], differences: Sequence[float], *, level: float, margin: float = 0.0
) -> Test:
    """Test the mean of candidate minus incumbent, one pair a seed, two or more.

    Null hypothesis: the mean is at most `-margin`. The interval is two-sided, 95 %, of the mean.

    Differences that do not vary are no sample: seeds that change nothing, or scores in coarse
    steps, give as many pairs as one likes of what happened once. They prove nothing, p = 1, and
    their interval of no width says so. One exception: all are exactly 0 and there is a margin.
    Candidate and incumbent are then the same runs to the bit, so no loss is left to doubt: p = 0.
    """
    assert len(set(seeds)) == len(seeds) == len(differences) >= 2, (seeds, differences)
    assert all(map(isfinite, differences)) and margin >= 0, (differences, margin)
    from scipy.special import stdtr, stdtrit

    mean, freedom = fmean(differences), len(differences) - 1
    error = standard_error(differences)
    half = float(stdtrit(freedom, 0.975)) * error
    if error > 0:
        p = float(stdtr(freedom, -t_statistic(differences, margin)))
    else:
        p = 0.0 if margin > 0 and not any(differences) else 1.0
    return Test(
        seeds=tuple(seeds),
        differences=tuple(differences),
        mean=mean,
        low=mean - half,
        high=mean + half,
        p=p,
        level=level,
    )


def standard_error(differences: Sequence[float]) -> float:
    """Of the mean of two or more; 0 where they vary by no more than rounding."""
    mean, pairs = fmean(differences), len(differences)
    if max(differences) - min(differences) <= NO_SPREAD * abs(mean):
        return 0.0
    return sqrt(fsum((each - mean) ** 2 for each in differences) / (pairs - 1) / pairs)


def t_statistic(differences: Sequence[float], margin: float) -> float:
    """Mean above `-margin` in standard errors; infinite, or 0, where nothing varies."""
    above = fmean(differences) + margin
    error = standard_error(differences)
    if error > 0:
        return above / error
    return copysign(inf, above) if above else 0.0
