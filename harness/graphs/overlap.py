"""How much two sets, or two sets of weights, have in common. Pure."""

from collections.abc import Hashable, Mapping, Set
from typing import TypeVar

_Member = TypeVar("_Member", bound=Hashable)


def jaccard(left: Set[_Member], right: Set[_Member]) -> float | None:
    """Members of both over members of either, 0 to 1; None where both are empty."""
    either = left | right
    return len(left & right) / len(either) if either else None


def weighted_overlap(left: Mapping[_Member, float], right: Mapping[_Member, float]) -> float | None:
    """Sum of the lesser over sum of the greater weights, each side scaled to sum 1 first.

    0 to 1 (Ružička similarity of shares); weights are not negative. None where a side has none.
    """
    totals = sum(left.values()), sum(right.values())
    if not all(totals):
        return None
    pairs = [
        (left.get(key, 0.0) / totals[0], right.get(key, 0.0) / totals[1])
        for key in {**left, **right}
    ]
    return sum(map(min, pairs)) / sum(map(max, pairs))
