"""One difference between what was accepted and what stands now."""

from typing import Literal, NamedTuple


class Change(NamedTuple):
    """A file that is not as it was."""

    path: str
    """From the top, with control characters and undecodable bytes written out; a folder's ends
    in /."""
    kind: Literal["added", "modified", "deleted"]


def printable(path: str) -> str:
    """A path that an agent chose, fit for a terminal, a prompt and JSON."""
    return "".join(
        each if each.isprintable() and each != "\\" else each.encode("unicode_escape").decode()
        for each in path
    )
