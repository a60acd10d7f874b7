"""A score from 0 to 10 on each axis, for a reader in a hurry. It decides nothing.

10 where nothing was found, 2 less for each kind of warning, though not under 1; 0 with a blocker.
Notes cost nothing. No score where a submission could not be read, since nothing was looked at.
"""

from collections.abc import Collection, Iterable
from typing import get_args

from harness.review.finding import Axis, Finding

AXES: tuple[Axis, ...] = get_args(Axis)
FORMULA = "10 − 2 for each kind of warning (at least 1); 0 with a blocker; – not looked at"
_BEST, _WARNING, _LEAST = 10, 2, 1


def scores(findings: Iterable[Finding], looked_at: Collection[Axis]) -> dict[Axis, int | None]:
    """One score an axis; a rule that warns of many places is one kind of warning."""
    found = list(findings)
    return {
        axis: _score([each for each in found if each.axis == axis], known=axis in looked_at)
        for axis in AXES
    }


def _score(found: list[Finding], *, known: bool) -> int | None:
    if any(each.severity == "blocker" for each in found):
        return 0
    if not known:
        return None
    kinds = {each.rule for each in found if each.severity == "warning"}
    return max(_LEAST, _BEST - _WARNING * len(kinds))
