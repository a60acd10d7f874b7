"""Names and kinds of the entries, and what a branch touches beside its own folder."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.review.finding import Finding, Severity
from harness.review.rules.texts import frozen_path, paper_path
from harness.review.submission import Change, Submission

_RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that Windows gives to devices, whatever their suffix."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
_LONGEST = 200
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's control, format (bidirectional and zero-width ones too) and unassigned characters."""
_PLACES = {
    "papers": "a paper's spec",
    "harness": "the code that measures and judges",
    "agents": "the code of the agents",
    "tests": "the tests",
    ".github": "what runs on the server",
    "benchmarks": "the benchmarks",
}


def names(submission: Submission) -> Iterator[Finding]:
    """Names that lead out of the folder, hide, deceive a reader or cannot be checked out.

    Also two names that one file system takes for one, by case or by Unicode's composition.
    """
    folded: dict[str, str] = {}
    for relative in submission.files:
        fault = _fault(relative)
        if fault is not None:
            yield _finding("name", submission, relative, fault)
        first = folded.setdefault(_folded(relative), relative)
        if first != relative:
            fault = f"is one file with {shown(first)} where case does not count"
            yield _finding("name", submission, relative, fault)


def kinds(submission: Submission) -> Iterator[Finding]:
    """Links and submodules, wherever they lead."""
    for relative, blob in submission.files.items():
        if blob.kind == "link":
            target = blob.content.decode("utf-8", "replace")
            yield _finding("link", submission, relative, f"a link to {shown(target)}")
        elif blob.kind == "submodule":
            yield _finding(
                "submodule", submission, relative, "a submodule; its files are elsewhere"
            )


def outside(submission: Submission) -> Iterator[Finding]:
    """Whatever a branch touches beside its own folder; a new paper's spec is noted."""
    of_paper = (paper_path(submission), frozen_path(submission))
    for change in submission.outside:
        is_added = change.path in of_paper and change.kind == "added"
        new_paper = submission.paper_is_new and is_added
        severity: Severity = "note" if new_paper else "blocker"
        message = f"{change.kind}: {_place(change)}; a submission holds {submission.name} alone"
        if new_paper:
            message = "the spec of a paper that main does not know: read its sources"
        yield Finding(
            rule="outside",
            axis="integrity",
            severity=severity,
            path=shown(change.path),
            message=message,
        )


def shown(text: str, *, longest: int = _LONGEST) -> str:
    """A text with every character visible, and not too long."""
    plain = "".join(char if _visible(char) else _code(char) for char in text[: longest + 1])
    return plain if len(plain) <= longest else f"{plain[:longest]}…"


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE


def _code(char: str) -> str:
    return f"<U+{ord(char):04X}>"


def _fault(relative: str) -> str | None:
    parts = relative.split("/")
    if relative.startswith("/") or ".." in parts or "\\" in relative:
        return "leads out of the folder"
    if not all(parts) or "." in parts:
        return "has an empty part"
    if not all(map(_visible, relative)):
        return "holds a character that no reader sees"
    if any(part.startswith(".") for part in parts) and not _is_lock(parts):
        return "is hidden"
    if any(map(_RESERVED.fullmatch, parts)) or _FORBIDDEN.search(relative):
        return "cannot be checked out on Windows"
    if any(part != part.strip() or part.endswith(".") for part in parts):
        return "ends in a space or a dot, or begins with a space"
    return None if len(relative) <= _LONGEST else f"is longer than {_LONGEST} characters"


def _is_lock(parts: list[str]) -> bool:
    """A run leaves its lock behind, which git ignores."""
    return parts == [".lock"]


def _folded(relative: str) -> str:
    return unicodedata.normalize("NFKC", relative).casefold()


def _place(change: Change) -> str:
    first, *rest = PurePosixPath(change.path).parts or ("",)
    if first == "replications":
        return f"another replication, {shown('/'.join(rest[:2]))}"
    return _PLACES.get(first, "a file of the project")


def _finding(rule: str, submission: Submission, relative: str, fault: str) -> Finding:
    path = shown(submission.path(relative))
    return Finding(rule=rule, axis="safety", severity="blocker", path=path, message=fault)
