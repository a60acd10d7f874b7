"""Everything that is looked at before anything is written."""

from dataclasses import dataclass

from harness.experiments.context import Progress
from harness.problems import did_you_mean
from harness.publish.branch import Tips, branch_name, start
from harness.publish.checkout import Checkout
from harness.publish.contents import Contents, read_contents
from harness.publish.refuse import (
    refuse_branch_name,
    refuse_dirty,
    refuse_nameless,
    refuse_other_paper,
    refuse_unfinished,
    reviewed,
)
from harness.publish.remotes import Remotes, default_branch, fetch, find_remotes, heads
from harness.record import HarnessError
from harness.replication import Replication
from harness.review import Review


@dataclass(frozen=True)
class Request:
    """What the user asks for."""

    remote: str = "origin"
    """The remote of the repository that the pull request goes to."""
    base: str | None = None
    """Branch that it goes into; the remote's default branch if `None`."""
    fork: str | None = None
    """Owner of the fork that the branch is pushed to; the remote itself if `None`."""
    dry_run: bool = False
    """Look, and write nothing."""
    patch: bool = False
    """Write files to send, and push nothing."""


@dataclass(frozen=True)
class Prepared:
    """A replication that may be published, and where to."""

    replication: Replication
    request: Request
    checkout: Checkout
    remotes: Remotes
    base: str
    branch: str
    tips: Tips
    contents: Contents
    review: Review


def prepare(
    replication: Replication, request: Request, checkout: Checkout, progress: Progress
) -> Prepared:
    """Look at everything. Raises `HarnessError` for whatever is not published."""
    branch = branch_name(replication.name)
    refuse_unfinished(replication)
    refuse_dirty(checkout)
    refuse_nameless(checkout)
    refuse_branch_name(checkout, branch)
    contents = read_contents(checkout, replication.root)
    remotes = find_remotes(checkout, request.remote, request.fork)
    base = request.base or default_branch(checkout, remotes.base)
    tips = look(checkout, remotes, base, branch)
    refuse_other_paper(checkout, replication, tips.base)
    start(checkout, tips, branch, replication.name)
    review = reviewed(checkout, contents.submission, tips.base, progress)
    return Prepared(replication, request, checkout, remotes, base, branch, tips, contents, review)


def look(checkout: Checkout, remotes: Remotes, base: str, branch: str) -> Tips:
    """Where both branches stand now, their commits fetched.

    Raises `HarnessError` for a base that is not there, `RemoteError` where none can be reached.
    """
    there = heads(checkout, remotes.base)
    if base not in there:
        name = remotes.base.name
        raise HarnessError(f"--base: {name} has no {base!r}{did_you_mean(base, list(there))}")
    fetch(checkout, remotes.base, [base])
    forked = there if remotes.fork == remotes.base else heads(checkout, remotes.fork)
    known = forked.get(branch)
    if known is not None:
        fetch(checkout, remotes.fork, [branch])
    return Tips(there[base], known, checkout.object_at(f"refs/heads/{branch}"))
