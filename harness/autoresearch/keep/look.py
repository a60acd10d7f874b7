"""A candidate after some pairs on dev: promoted, given up, or run on another seed."""

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import Literal, NamedTuple

from harness.autoresearch.keep.alpha import look_level
from harness.autoresearch.keep.paired import paired_test, t_statistic
from harness.autoresearch.ledger.event import Test
from harness.autoresearch.task import KeepRule

WORTH_FINDING = 2.0
"""A gain, in standard deviations of the differences, that giving up early must not miss."""
MISSED = 0.02
"""Share of candidates with that gain which one check may give up."""


class Standing(NamedTuple):
    """What the pairs so far say."""

    verdict: Literal["better", "simpler", "give_up", "more"]
    """`better` and `simpler` go on to guardrails, ablation and gate."""
    test: Test | None
    """At level 0 where there was no look; `None` for one pair."""
    pairs: int
    """Wanted in all for `more`, had otherwise."""


def look(
    rule: KeepRule,
    seeds: Sequence[int],
    differences: Sequence[float],
    *,
    level: float,
    simpler: bool,
) -> Standing:
    """Judge the differences so far, candidate minus incumbent, one to as many as the last look's.

    `level` is the trial's. At a look a gain is tested; for a simpler candidate first whether a loss
    of the margin is ruled out, then, at the same level, whether there is a gain: that is a fixed
    order of nested hypotheses and costs no level. After every pair a candidate may be given up;
    levels do not count on it, so it makes keeps only rarer.
    """
    pairs = len(differences)
    assert 1 <= pairs <= rule.looks[-1], (pairs, rule.looks)
    margin = rule.margin if simpler else 0.0
    if pairs == 1:
        return Standing("give_up", None, 1) if _hopeless(differences, margin) else _more(None, 1)
    part = look_level(rule, level, pairs)
    test = paired_test(seeds, differences, level=part, margin=margin)
    if pairs in rule.looks and test.p <= part:
        gain = paired_test(seeds, differences, level=part)
        if gain.p <= part:
            return Standing("better", gain, pairs)
        return Standing("simpler", test, pairs)
    if pairs == rule.looks[-1] or _hopeless(differences, margin):
        return Standing("give_up", test, pairs)
    return _more(test, pairs)


def _more(test: Test | None, pairs: int) -> Standing:
    return Standing("more", test, pairs + 1)


def _hopeless(differences: Sequence[float], margin: float) -> bool:
    """Whether a gain worth finding shows so little in at most 2 of 100 cases.

    One pair has no t: there it is a loss, or a tie, which such a gain shows as seldom. For a
    simpler candidate gains count from a loss of the margin.
    """
    if len(differences) == 1:
        return differences[0] + margin <= 0
    return t_statistic(differences, margin) <= _least_t(len(differences))


@lru_cache
def _least_t(pairs: int) -> float:
    """Quantile of the noncentral t of a gain worth finding: 0.7 for 2 pairs, 3.1 for 8."""
    from scipy.special import nctdtrit

    return float(nctdtrit(pairs - 1, WORTH_FINDING * sqrt(pairs), MISSED))
