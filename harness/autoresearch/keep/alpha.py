"""The levels of trials, looks and gate visits, such that a whole campaign's add up.

Online fallback procedure (Tian and Ramdas 2021, "Online control of the familywise error rate",
Statistical Methods in Medical Research 30:976): every trial is given a share of alpha, and one that
was kept hands its whole level on to the next. Why it holds: the shares add up to at most alpha, and
each is used up by a trial that is not kept, or handed on. So the levels of the trials that are not
kept add up to at most alpha; before the first false keep all nulls are among them, and each is kept
with at most its level's chance, given all that went before.

It is used twice. Trials have equal shares of `KeepRule.alpha`. The visits to the gate have shares
of `KeepRule.gate_alpha` that fall, since nobody knows how many there will be: a half, a sixth, a
twelfth, 1 / k(k + 1). The first bounds a campaign whose proposals do not climb the luck of the dev
seeds. The second bounds any campaign, however its promotions came about, because the gate's pairs
are fresh: a level of its own for each visit, without sharing, lets those through that come often.

A keep takes more than either test, so kept trials are a part of those rejected, which errs on the
safe side.
"""

from collections.abc import Sequence

from harness.autoresearch.task import KeepRule


def next_level(rule: KeepRule, trials: int, kept: Sequence[bool]) -> float:
    """The level of the trial that follows on those in `kept`; `trials` is the campaign's budget.

    What counts as a trial must not depend on its scores. Beyond the budget nothing is given afresh.
    """
    return _levels(_even(rule, trials, kept), kept)[-1]


def gate_level(rule: KeepRule, kept: Sequence[bool]) -> float:
    """The level of the next visit to the gate; `kept` has one entry for each earlier one."""
    shares = [rule.gate_alpha / (k * (k + 1)) for k in range(1, len(kept) + 2)]
    return _levels(shares, kept)[-1]


def spent(rule: KeepRule, trials: int, kept: Sequence[bool]) -> float:
    """Used up for good: levels of the trials that were not kept. At most `rule.alpha`."""
    levels = _levels(_even(rule, trials, kept), kept)
    return sum(level for level, was_kept in zip(levels, kept, strict=False) if not was_kept)


def look_level(rule: KeepRule, level: float, pairs: int) -> float:
    """The part of a trial's level that a look at so many pairs has; 0 between looks.

    Parts are as the squares of the pairs (for 3, 5, 8: 9 %, 26 %, 65 %) and add up to the level, so
    the chance of passing any look is at most that (Bonferroni). The last has most, because t with
    two degrees of freedom needs a gain of dozens of standard deviations at any such level, while
    with seven it needs about two.
    """
    if pairs not in rule.looks:
        return 0.0
    return level * pairs**2 / sum(look**2 for look in rule.looks)


def _even(rule: KeepRule, trials: int, kept: Sequence[bool]) -> list[float]:
    assert trials > 0, trials
    return [rule.alpha / trials if number < trials else 0.0 for number in range(len(kept) + 1)]


def _levels(shares: Sequence[float], kept: Sequence[bool]) -> list[float]:
    levels = list(shares[:1])
    for share, was_kept in zip(shares[1:], kept, strict=True):
        levels.append(share + (levels[-1] if was_kept else 0.0))
    return levels
