"""A change that the step does not allow, and why, in words for the agent that made it."""

from typing import NamedTuple

from agents.fence.allowed import Allowed
from agents.fence.change import Change
from agents.fence.difference import Difference
from agents.fence.results import is_result

_SPECIAL_BITS = 0o7000
_CODE = {
    "harness": "the harness's own code is not changed",
    "agents": "the harness's own code is not changed",
    "tests": "the harness's own tests are not changed",
    ".git": "git's own files are not changed",
}


class Trespass(NamedTuple):
    """One change outside of what is allowed."""

    change: Change
    reason: str


def trespass(found: Difference, allowed: Allowed) -> Trespass | None:
    """Why a difference is not allowed; `None` where it is."""
    reason = _reason(found, allowed)
    return None if reason is None else Trespass(found.change, reason)


def _reason(found: Difference, allowed: Allowed) -> str | None:
    now = found.now
    if now is not None and now.kind == "link":
        return "a link; only plain files may be written"
    if now is not None and now.kind == "other":
        return "neither a plain file nor a folder that can be looked into"
    covers = allowed.covers_folder if found.is_folder else allowed.covers
    if not covers(found.path):
        return _forbidden(found.path, allowed)
    if now is not None and now.kind == "file" and now.links > 1:
        return "another name of a file that stands elsewhere too (a hard link)"
    if now is not None and now.mode & _SPECIAL_BITS:
        return f"its mode is {now.mode:04o}; only plain files may be written"
    return None


def _forbidden(path: str, allowed: Allowed) -> str:
    first, *rest = path.split("/")
    if first in _CODE:
        return _CODE[first]
    if first == "papers":
        return _forbidden_paper(path)
    if first == "replications" and len(rest) > 2:
        own = f"{first}/{rest[0]}/{rest[1]}/"
        if is_result("/".join(rest[2:])):
            return "results are written by the harness alone"
        if not any(each.startswith(own) for each in allowed.paths):
            return "it belongs to another replication"
    return _outside(allowed)


def _forbidden_paper(path: str) -> str:
    name = path.rpartition("/")[2]
    if name == "frozen.json":
        return "the harness alone freezes a paper"
    return "what a paper says is frozen, and of other papers' files none is this step's"


def _outside(allowed: Allowed) -> str:
    may = ", ".join(allowed.paths) or "nothing"
    return f"outside of what this step may change: {may}"
