"""Whether one of several stacked changes earns its place."""

from collections.abc import Sequence
from statistics import fmean

from harness.autoresearch.task import KeepRule

CLEAR = 3
"""Margins that one seed has to cost for a change to be needed without another look."""


def needed(rule: KeepRule, losses: Sequence[float]) -> bool | None:
    """Whether leaving a change out costs the margin or more; `None`: another seed has to say.

    `losses` are score with it minus score without it, one a seed, in the metric's unit. The first
    decides where it is no loss, or one of several margins: most changes are cheap to judge, and one
    too few is found by the gate, which what is left has to pass. Else the mean decides.
    """
    assert 1 <= len(losses) <= rule.ablation_seeds, (len(losses), rule.ablation_seeds)
    if losses[0] <= 0:
        return False
    if losses[0] >= CLEAR * rule.margin:
        return True
    return fmean(losses) >= rule.margin if len(losses) == rule.ablation_seeds else None
