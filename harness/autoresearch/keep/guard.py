"""Metrics that a gain must not be paid with."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from harness.autoresearch.task import Guardrail

Scores = Sequence[Mapping[str, float]]
"""All metrics by name, one mapping a seed."""


def broken(guardrails: Sequence[Guardrail], candidate: Scores, incumbent: Scores) -> str | None:
    """The first guardrail that a candidate breaks, in words; `None` where all hold.

    Means over the same seeds are held against each other without a test, so a tolerance has to be
    wider than their noise. A score on both sides is needed for each guardrail (`KeyError`).
    """
    assert len(candidate) == len(incumbent) >= 1, (len(candidate), len(incumbent))
    for rail in guardrails:
        ours = fmean(scores[rail.metric] for scores in candidate)
        theirs = fmean(scores[rail.metric] for scores in incumbent)
        worse = theirs - ours if rail.higher_is_better else ours - theirs
        if worse > rail.tolerance:
            return (
                f"{rail.metric} is {ours:.4g}, the incumbent's {theirs:.4g}: worse by {worse:.4g}, "
                f"more than the {rail.tolerance:.4g} that are tolerated"
            )
    return None
