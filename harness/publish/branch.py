"""The branch that is proposed: what it stands on, and whether it is free to be gone on with."""

from typing import NamedTuple

from harness.publish.checkout import Checkout
from harness.publish.contents import Contents
from harness.record import HarnessError
from harness.review.repository import changes, commit_of, fork_point

_MOST = 5
"""Paths that an error lists."""


class Tips(NamedTuple):
    """Commits of the base branch, and of the branch there and here."""

    base: str
    remote: str | None
    """`None` where the branch was never pushed."""
    local: str | None
    """`None` where there is no such branch here."""


def start(checkout: Checkout, tips: Tips, branch: str, contents: Contents) -> str:
    """The commit to go on from, so that a push moves the branch forward.

    Raises `HarnessError` where the branch holds anything besides.
    """
    for tip, place in ((tips.remote, "the remote"), (tips.local, "this repository")):
        if tip is not None and not checkout.holds(tips.base, tip):
            _refuse_others(checkout, tips.base, tip, f"{branch} of {place}", contents)
    tip = _furthest(checkout, tips)
    return tips.base if tip is None or checkout.holds(tips.base, tip) else tip


def _furthest(checkout: Checkout, tips: Tips) -> str | None:
    """Ours where it holds theirs and more, for an earlier push was cut; else theirs."""
    if tips.remote is None or tips.local is None:
        return tips.remote or tips.local
    return tips.local if checkout.holds(tips.local, tips.remote) else tips.remote


def _refuse_others(checkout: Checkout, base: str, tip: str, what: str, contents: Contents) -> None:
    before, after = (commit_of(checkout.repository, each) for each in (base, tip))
    forked = fork_point(checkout.repository, before, after)
    touched = changes(checkout.repository, forked, after)
    others = [each.path for each in touched if not contents.covers(each.path)]
    if others:
        raise HarnessError(
            f"{what} changes {', '.join(others[:_MOST])}{', …' if others[_MOST:] else ''}; "
            f"it must hold {' and '.join(contents.places)} alone: rename or delete that branch"
        )
