"""A submission as records: read in a scratch folder that holds only its data files.

What is laid out there are plain files that stages read, none of them a link, none that a rule on
bytes found to be more than can be read. Nothing of it is run.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from harness.problem_lines import Place, split_place
from harness.record import HarnessError, write_bytes
from harness.replication import Replication
from harness.review.finding import Finding
from harness.review.rules.paths import shown
from harness.review.rules.rows import Placed, placed
from harness.review.submission import Submission
from harness.verdict import Verdict

_READ = re.compile(
    r"(replication\.yaml|(manifest|verdicts)\.json|(measurements|artifacts)/[^./\0][^/\0]*)"
)
"""What stages read of a replication's folder; all else is compared as bytes."""
_LONGEST = 1000
"""Characters of an error, which may list all valid choices."""
_PROJECT_PARTS = 3
"""`replications/<paper>/<id>`."""


@dataclass(frozen=True)
class Opened:
    """A submission, and what its files say."""

    submission: Submission
    replication: Replication

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """A verdict on every claim, by main's limits. Raises `HarnessError` for ambiguous rows."""
        return self.replication.verdicts()

    @cached_property
    def placed(self) -> list[Placed]:
        """Every row of the experiments as their specs stand, read once for all rules."""
        return placed(self.submission, self.replication)

    def spec_line(self, name: str) -> int | None:
        """Where `replication.yaml` first says a name; `None` where it does not."""
        text = self.submission.files["replication.yaml"].content.decode()
        found = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", text)
        return None if found is None else text.count("\n", 0, found.start()) + 1


def lay_out(submission: Submission, project: Path, unreadable: Collection[str]) -> Path:
    """Write the files that are read, but for those `unreadable`; gives the replication's folder.

    Raises `HarnessError` where the submission's name is none of a replication.
    """
    parts = PurePosixPath(submission.name).parts
    if len(parts) != _PROJECT_PARTS or parts[0] != "replications" or ".." in parts:
        raise HarnessError(f"{submission.name}: not a folder replications/<paper>/<id>")
    root = project / submission.name
    for relative, blob in submission.files.items():
        is_plain = blob.kind in ("file", "executable")
        if is_plain and _READ.fullmatch(relative) and submission.path(relative) not in unreadable:
            write_bytes(root / relative, blob.content)
    paper = f"papers/{parts[1]}/paper.yaml"
    if paper not in unreadable:
        write_bytes(project / paper, submission.paper.encode())
    return root


def open_submission(
    submission: Submission, project: Path, unreadable: Collection[str] = ()
) -> Opened | list[Finding]:
    """Both specs and every file of records, or what is wrong with them."""
    try:
        root = lay_out(submission, project, unreadable).resolve()
        replication = Replication.open(root)
    except Exception as error:  # what a parser makes of a stranger's file is a finding
        return list(schema_findings(error, submission, project))
    opened = Opened(submission, replication)
    reads: tuple[Callable[[], object], ...] = (
        replication.manifest,
        replication.stored_verdicts,
        replication.failures,
        *(lambda spec=spec: replication.rows(spec) for spec in replication.spec.experiments),
    )
    faults = [each for read in reads for each in _faults_of(read, submission, project)]
    return faults or opened


def schema_findings(error: Exception, submission: Submission, project: Path) -> Iterator[Finding]:
    """What an error of reading says, at the place that it names; the scratch folder unsaid."""
    kind = type(error).__name__
    told = str(error) if isinstance(error, HarnessError) else f"cannot be read ({kind}): {error}"
    for folder in (project, project.resolve()):
        told = told.replace(f"{folder}/", "")
    for line in told.splitlines() or [told]:
        path, number, message = split_place(line) or Place(submission.name, None, line)
        is_path = path.startswith((submission.name, "papers/"))
        yield Finding(
            rule="schema",
            axis="integrity",
            severity="blocker",
            path=path if is_path else submission.name,
            line=number if is_path else None,
            message=shown(message if is_path else line, longest=_LONGEST),
        )


def _faults_of(
    read: Callable[[], object], submission: Submission, project: Path
) -> Iterator[Finding]:
    try:
        read()
    except Exception as error:  # what a parser makes of a stranger's file is a finding
        yield from schema_findings(error, submission, project)
