"""What a submission changes about the claims that it is held against: limits that moved.

Verdicts are judged by main's spec whatever the submission says; these findings say what it tried.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue, ValidationError

from harness.paper import PaperSpec
from harness.record import HarnessError, parse_yaml
from harness.review.finding import Finding, Severity
from harness.review.rules.paths import shown
from harness.review.rules.sizes import UNREADABLE, unfolding
from harness.review.rules.texts import line_at, paper_path
from harness.review.submission import Submission

_MOST = 40


class Moved(NamedTuple):
    """One value of a spec, by where it stands, before and after; `None` where it is not there."""

    place: str
    before: JsonValue
    after: JsonValue

    def __str__(self) -> str:
        return f"{self.place}: {_words(self.before)} → {_words(self.after)}"


def paper_changes(submission: Submission) -> Iterator[Finding]:
    """Each value of the paper's spec that the submission moves, claim by claim."""
    if submission.paper_is_new:
        message = "a paper that main does not have: its quotes and limits need a human reading"
        yield _finding(submission, "paper-new", message, severity="warning")
    if submission.own_paper is None:
        return
    before, after = _parsed(submission, submission.paper), _own(submission)
    if before is None or after is None:
        message = "changed, and one of the two texts is no paper's spec"
        yield _finding(submission, "limit-moved", message)
        return
    moved = moved_values(before, after)
    for name, each in moved[:_MOST]:
        line = _line_of(submission.own_paper, name)
        yield _finding(submission, "limit-moved", f"{name}: {each}", line=line)
    if len(moved) > _MOST:
        yield _finding(submission, "limit-moved", f"and {len(moved) - _MOST} more values")


def moved_values(before: PaperSpec, after: PaperSpec) -> list[tuple[str, Moved]]:
    """Each value that two specs of a paper do not share, with the claim or key that it is of."""
    return [*_claims(before, after), *_rest(before, after)]


def _own(submission: Submission) -> PaperSpec | None:
    """The submission's own spec; `None` where it may not be given to a parser."""
    assert submission.own_paper is not None, submission.name
    alone = Submission(submission.name, {}, submission.own_paper, paper_is_new=True)
    if any(found.rule in UNREADABLE for found in unfolding(alone)):
        return None
    return _parsed(submission, submission.own_paper)


def _parsed(submission: Submission, text: str) -> PaperSpec | None:
    try:
        return PaperSpec.model_validate(parse_yaml(text, Path(paper_path(submission))))
    except (HarnessError, ValidationError, ValueError, TypeError, RecursionError):
        return None


def _claims(before: PaperSpec, after: PaperSpec) -> Iterator[tuple[str, Moved]]:
    theirs = {claim.id: claim for claim in after.claims}
    for claim in before.claims:
        other = theirs.pop(claim.id, None)
        if other is None:
            yield claim.id, Moved("claim", claim.statement, None)
            continue
        dumps = (claim.model_dump(mode="json"), other.model_dump(mode="json"))
        yield from ((claim.id, each) for each in _moved("", *dumps))
    for claim in theirs.values():
        yield claim.id, Moved("claim", None, claim.statement)


def _rest(before: PaperSpec, after: PaperSpec) -> Iterator[tuple[str, Moved]]:
    """Tables, set-up, title and the like."""
    dumps = [spec.model_dump(mode="json", exclude={"claims"}) for spec in (before, after)]
    for each in _moved("", *dumps):
        yield each.place.split(".")[0], each


def _moved(place: str, before: JsonValue, after: JsonValue) -> Iterator[Moved]:
    """Leaves that differ; entries of lists are told by their place."""
    ours, theirs = _entries(before), _entries(after)
    if ours is None or theirs is None:
        if before != after:
            yield Moved(place or "document", before, after)
        return
    for key in dict.fromkeys((*ours, *theirs)):
        inner = f"{place}.{key}".removeprefix(".")
        yield from _moved(inner, ours.get(key), theirs.get(key))


def _entries(value: JsonValue) -> dict[str, JsonValue] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(place): inner for place, inner in enumerate(value)}
    return None


def _words(value: JsonValue) -> str:
    return "nothing" if value is None else shown(str(value))


def _line_of(text: str, name: str) -> int | None:
    """Of the claim or key of that name."""
    found = re.search(
        rf"^[ -]*(?:id: *['\"]?{re.escape(name)}['\"]? *$|{re.escape(name)}:)", text, re.M
    )
    return None if found is None else line_at(text, found.start())


def _finding(
    submission: Submission,
    rule: str,
    message: str,
    *,
    severity: Severity = "blocker",
    line: int | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        axis="judgement",
        severity=severity,
        path=paper_path(submission),
        line=line,
        message=message,
    )
