"""Results that are equal to the bit: runs repeated, not replicated."""

from collections.abc import Sequence


def is_replay(candidate: Sequence[float], incumbent: Sequence[float]) -> bool:
    """Whether all pairs have the very same score: the change changes nothing that is run."""
    assert len(candidate) == len(incumbent) >= 1, (len(candidate), len(incumbent))
    return list(candidate) == list(incumbent)


def ignores_seed(scores: Sequence[float]) -> bool:
    """Whether one recipe's scores of two or more seeds are all the very same.

    Agreement of such runs says nothing about noise. One score alone cannot tell.
    """
    return len(scores) >= 2 and len(set(scores)) == 1
