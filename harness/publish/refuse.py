"""What is never published. Each check raises `HarnessError` before anything is written."""

from collections.abc import Iterable

from harness.publish.checkout import Checkout
from harness.publish.failure import said
from harness.record import HarnessError
from harness.review.finding import Finding

_SOURCES = ("harness", "papers")
"""Folders that the numbers and the limits come from."""
_MOST = 20
"""Places that an error lists."""


def refuse_dirty(checkout: Checkout, sources: tuple[str, ...] = _SOURCES) -> None:
    """Changes in folders that are not committed: nobody else has them."""
    listed = checkout.ask(
        *("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *sources)
    )
    changed = [entry[3:] for entry in listed.decode(errors="replace").split("\0") if entry]
    if changed:
        raise HarnessError(
            f"what is proposed comes from {' and '.join(sources)}, with changes that are not "
            f"committed; commit or restore\n{_lines(changed)}"
        )


def refuse_nameless(checkout: Checkout) -> None:
    """A commit whose author git would have to guess."""
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if checkout.run("-c", "user.useConfigOnly=true", "var", who).code != 0:
            raise HarnessError(
                "user.name, user.email: git does not know who commits; "
                "git config user.name NAME and git config user.email ADDRESS say it"
            )


def refuse_branch_name(checkout: Checkout, branch: str) -> None:
    """A name that git cannot give to a branch."""
    ran = checkout.run("check-ref-format", f"refs/heads/{branch}")
    if ran.code != 0:
        raise HarnessError(f"{branch}: git takes no such name for a branch {said(ran.told)}")


def refuse_blockers(sentence: str, findings: Iterable[Finding]) -> None:
    """What a review lets nobody propose."""
    blockers = [f"{each.place}: {each.message}" for each in findings if each.severity == "blocker"]
    if blockers:
        raise HarnessError(f"{sentence}\n{_lines(blockers)}")


def _lines(places: list[str]) -> str:
    more = [f"and {len(places) - _MOST} more"] if len(places) > _MOST else []
    return "\n".join((*places[:_MOST], *more))
