"""Whether one of several stacked changes earns its place."""

from collections.abc import Sequence
from statistics import fmean

from harness.autoresearch.task import KeepRule


def needed(rule: KeepRule, losses: Sequence[float]) -> bool:
    """Whether leaving a change out costs the margin or more on average.

    `losses` are score with it minus score without it, one a seed, in the metric's unit. There is no
    test: one change too few is found by the gate, which what is left has to pass.
    """
    assert losses, losses
    return fmean(losses) >= rule.margin
