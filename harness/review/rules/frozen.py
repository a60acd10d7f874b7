"""Whether a submission is about the paper spec that main has frozen, and leaves that as it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness.frozen import SHORT, Frozen
from harness.record import HarnessError, parse_json
from harness.review.finding import Finding, Severity
from harness.review.rules.paths import shown
from harness.review.rules.texts import frozen_path
from harness.review.submission import Submission

if TYPE_CHECKING:
    from harness.review.opened import Opened

_LONGEST = 10_000
"""Characters of a file of three keys; more is not given to a parser."""


def frozen_changes(submission: Submission) -> Iterator[Finding]:
    """What main's claims were frozen as is not a replication's to change."""
    path = frozen_path(submission)
    for change in submission.outside:
        is_new = submission.paper_is_new and change.kind == "added"
        if change.path == path and not is_new:
            message = (
                f"{change.kind}: limits are frozen before they are measured against; "
                f"`harness publish {path.rpartition('/')[0]}` proposes a changed paper on its own"
            )
            yield _finding("frozen-changed", path, message)


def frozen(opened: "Opened") -> Iterator[Finding]:
    """The digest that the replication was written against, beside that of main's paper."""
    submission, now = opened.submission, opened.replication.paper.digest
    if submission.frozen is not None:
        yield from _of_paper(submission, submission.frozen, now)
    written, path = opened.replication.spec.paper_digest, submission.path("replication.yaml")
    if written is None and submission.frozen is not None:
        message = f"paper_digest: not here, and the paper is frozen as {now[:SHORT]}"
        yield _finding("paper-digest-missing", path, message, severity="warning")
    if written is not None and written != now:
        message = f"judged against another paper spec, {written[:SHORT]}; main's is {now[:SHORT]}"
        yield _finding("paper-spec", path, message, line=opened.spec_line("paper_digest"))


def _of_paper(submission: Submission, text: str, now: str) -> Iterator[Finding]:
    """A new paper brings its own file; main's is main's to mend."""
    severity: Severity = "blocker" if submission.paper_is_new else "warning"
    found, path = _parsed(text, frozen_path(submission)), frozen_path(submission)
    if found is None:
        yield _finding("frozen-differs", path, "cannot be read", severity=severity)
    elif found.paper_digest != now:
        message = f"says {found.paper_digest[:SHORT]}, and the paper's spec is {now[:SHORT]}"
        yield _finding("frozen-differs", path, message, severity=severity)


def _parsed(text: str, path: str) -> Frozen | None:
    if len(text) > _LONGEST:
        return None
    try:
        return Frozen.model_validate(parse_json(text, Path(path)))
    except (HarnessError, ValidationError, ValueError, RecursionError):
        return None


def _finding(
    rule: str,
    path: str,
    message: str,
    *,
    severity: Severity = "blocker",
    line: int | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        axis="judgement",
        severity=severity,
        path=path,
        line=line,
        message=shown(message),
    )
