"""All rules on one submission, in a scratch folder that is gone afterwards."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.examine import Outcome
from harness.experiments.context import Progress, no_progress
from harness.record import HarnessError
from harness.review import all_rules
from harness.review.finding import Axis, Finding
from harness.review.opened import Opened, open_submission
from harness.review.outcome import Review, Spot, by_gravity
from harness.review.reading import read_branch, read_folder
from harness.review.rubric import AXES, scores
from harness.review.rules import UNREADABLE
from harness.review.rules.paths import shown
from harness.review.spot import Draw, spot_findings, spots
from harness.review.submission import Submission

_OF_BYTES: tuple[Axis, ...] = ("integrity", "safety")
"""Axes that are looked at even where nothing can be read."""


def review_folder(
    root: Path, *, draw: Draw | None = None, progress: Progress = no_progress
) -> Review:
    """Review a replication's folder as it stands on disk.

    Raises `HarnessError` where there is none.
    """
    return audit(read_folder(root), draw=draw, progress=progress)


def review_branch(
    repository: Path,
    ref: str,
    *,
    base: str = "main",
    draw: Draw | None = None,
    progress: Progress = no_progress,
) -> Review:
    """Review what a branch adds to `base`, by its objects; nothing is checked out.

    Raises `HarnessError` for a ref that is not there, or touches no replication.
    """
    return audit(read_branch(repository, ref, base=base), draw=draw, progress=progress)


def audit(
    submission: Submission, *, draw: Draw | None = None, progress: Progress = no_progress
) -> Review:
    """Hold a submission against every rule; whatever it holds, this gives findings.

    With `draw`, some measurements are run again besides, by this package's own code.
    """
    steps = len(all_rules.ON_BYTES) + len(all_rules.ON_RECORDS)
    findings: list[Finding] = []
    for done, rule in enumerate(all_rules.ON_BYTES):
        progress("rules", done, steps)
        findings += _found(submission, partial(rule, submission), rule.__name__)
    unreadable = {found.path for found in findings if found.rule in UNREADABLE}
    with TemporaryDirectory(prefix="review-") as folder:
        opened = open_submission(submission, Path(folder).resolve(), unreadable)
        if not isinstance(opened, Opened):
            return _review(submission, [*findings, *opened])
        for done, rule in enumerate(all_rules.ON_RECORDS, start=len(all_rules.ON_BYTES)):
            progress("rules", done, steps)
            findings += _found(submission, partial(rule, opened), rule.__name__)
        progress("rules", steps, steps)
        ran = spots(opened, draw, progress) if draw else ()
        return _review(submission, [*findings, *spot_findings(opened, ran)], opened, ran)


def _found(
    submission: Submission, rule: Callable[[], Iterator[Finding]], name: str
) -> list[Finding]:
    """What a rule finds; one that breaks on a stranger's file has found something too."""
    found: list[Finding] = []
    try:
        for each in rule():
            found.append(each)  # what came before a crash counts
    except Exception as error:  # whatever a stranger's file does to a rule is a finding
        told = str(error) if isinstance(error, HarnessError) else type(error).__name__
        found.append(
            Finding(
                rule="unchecked",
                axis="integrity",
                severity="blocker",
                path=submission.name,
                message=shown(f"{name} cannot be checked: {told}"),
            )
        )
    return found


def _review(
    submission: Submission,
    findings: list[Finding],
    opened: Opened | None = None,
    ran: tuple[Spot, ...] = (),
) -> Review:
    return Review(
        name=shown(submission.name),
        commit=submission.commit,
        base=submission.base,
        findings=by_gravity(findings),
        scores=scores(findings, AXES if opened is not None else _OF_BYTES),
        verdicts=_outcomes(opened) if opened is not None else {},
        spots=ran,
    )


def _outcomes(opened: Opened) -> dict[Outcome, int]:
    """Empty where rows are ambiguous, which a rule has told."""
    try:
        return dict(Counter(verdict.outcome for verdict in opened.verdicts))
    except HarnessError:
        return {}
