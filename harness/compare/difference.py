"""How far the same number lies apart in two replications, with an interval.

Where both scored the very same units with the same seeds, unit by unit; else each side keeps the
pairing that it has within itself, and the intervals of the two sides are joined by MOVER (Zou and
Donner 2008, Statistics in Medicine 27:1693).
"""

from collections.abc import Sequence
from math import sqrt

from harness.estimate import Estimate, Term, contrast, share_units


def difference(
    first: Sequence[Term], second: Sequence[Term], *, level: float = 0.95
) -> Estimate | None:
    """The second minus the first; `None` where either was not measured.

    Several quantities of one side often share units (two accuracies on one set of statements), so
    they are combined before the sides are: joined singly, what they share would not cancel.
    """
    if len(first) == 1 or share_units([*first, *second]):
        against = [Term(-term.weight, term.rows) for term in first]
        return contrast([*second, *against], level=level)
    ours, theirs = contrast(first, level=level), contrast(second, level=level)
    return None if ours is None or theirs is None else _minus(theirs, ours)


def _minus(left: Estimate, right: Estimate) -> Estimate:
    """Two estimates that share nothing: squared distances of their limits add."""
    mean = left.mean - right.mean
    down = _added(_reach(left.mean, left.low), _reach(right.mean, right.high))
    up = _added(_reach(left.mean, left.high), _reach(right.mean, right.low))
    return Estimate(
        mean=mean,
        stderr=_added(left.stderr, right.stderr),
        seed_stderr=_added(left.seed_stderr, right.seed_stderr),
        low=None if down is None else mean - down,
        high=None if up is None else mean + up,
        n=min(left.n, right.n),
        seeds=min(left.seeds, right.seeds),
    )


def _reach(mean: float, limit: float | None) -> float | None:
    return None if limit is None else abs(limit - mean)


def _added(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else sqrt(left**2 + right**2)
