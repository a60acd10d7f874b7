"""Where a branch goes to and what stands there now."""

from typing import NamedTuple

from harness.problems import did_you_mean
from harness.publish.branch import Tips
from harness.publish.checkout import Checkout
from harness.publish.remotes import Remotes, default_branch, fetch, find_remotes, heads
from harness.publish.request import Request
from harness.record import HarnessError


class Place(NamedTuple):
    """Remotes, the two branches, and their commits."""

    remotes: Remotes
    base: str
    branch: str
    tips: Tips


def find_place(checkout: Checkout, request: Request, branch: str) -> Place:
    """Look the remotes up and both branches on them, their commits fetched.

    Raises `HarnessError` for a remote or a base that is not there, `RemoteError` where one cannot
    be reached.
    """
    remotes = find_remotes(checkout, request.remote, request.fork)
    base = request.base or default_branch(checkout, remotes.base)
    return Place(remotes, base, branch, _look(checkout, remotes, base, branch))


def look_again(checkout: Checkout, place: Place) -> Place:
    """The same place with the commits that stand there now."""
    return place._replace(tips=_look(checkout, place.remotes, place.base, place.branch))


def _look(checkout: Checkout, remotes: Remotes, base: str, branch: str) -> Tips:
    there = heads(checkout, remotes.base)
    forked = there if remotes.fork == remotes.base else heads(checkout, remotes.fork)
    if base not in there:
        _refuse_base(remotes, base, list(there), is_on_fork=base in forked)
    fetch(checkout, remotes.base, [base])
    known = forked.get(branch)
    if known is not None:
        fetch(checkout, remotes.fork, [branch])
    return Tips(there[base], known, checkout.object_at(f"refs/heads/{branch}"))


def _refuse_base(remotes: Remotes, base: str, there: list[str], *, is_on_fork: bool) -> None:
    name, fork = remotes.base.name, remotes.fork.name
    if is_on_fork:
        raise HarnessError(
            f"--base: {base} stands on {fork} alone, and a pull request goes into a branch of "
            f"{name}: wait until it is merged there, then leave --base out"
        )
    raise HarnessError(f"--base: {name} has no {base!r}{did_you_mean(base, there)}")
