"""Whether each file of rows belongs to a spec as it stands, and each row to its file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.review.finding import Finding
from harness.review.rules.paths import shown

if TYPE_CHECKING:
    from harness.review.opened import Opened
    from harness.specs import ExperimentSpec

_MOST = 5


def digests(opened: "Opened") -> Iterator[Finding]:
    """Rows of no spec as it stands, runs of another spec, and experiments without rows.

    A file of rows is named by the digest of the spec that gave it: an edited spec gives another.
    """
    yield from _stale(opened)
    for spec in opened.replication.spec.experiments:
        yield from _ran(opened, spec)
        yield from _foreign_rows(opened, spec)


def _stale(opened: "Opened") -> Iterator[Finding]:
    replication = opened.replication
    names = {
        file.relative_to(replication.root).as_posix()
        for spec in replication.spec.experiments
        for file in (replication.measurements_file(spec), replication.failure_file(spec))
    }
    for relative in sorted(opened.submission.files):
        if relative.startswith("measurements/") and relative not in names:
            message = (
                "no experiment's spec has this digest: rows of an edited spec, or a stray file"
            )
            yield _finding(opened, "stale-rows", shown(relative), message)


def _ran(opened: "Opened", spec: "ExperimentSpec") -> Iterator[Finding]:
    """Rows and the manifest's entry stand together, and name one spec."""
    replication = opened.replication
    file = replication.measurements_file(spec)
    relative = f"measurements/{file.name}"
    manifest = replication.manifest()
    run = manifest.experiments.get(spec.id) if manifest else None
    if not file.exists():
        if not replication.failure_file(spec).exists():
            message = f"experiment {spec.id} has no measurements and no record of a crash"
            yield Finding(
                rule="not-run",
                axis="evidence",
                severity="warning",
                path=opened.submission.path("replication.yaml"),
                line=opened.spec_line(spec.id),
                message=message,
            )
        return
    if manifest is not None and run is None:
        message = f"the manifest does not know experiment {spec.id}, whose rows these are"
        yield _finding(opened, "rows-without-run", relative, message)
    if run is not None and run.spec_digest != spec.digest:
        message = f"experiment {spec.id}: the run was of spec {run.spec_digest[:8]}, not of this"
        yield _finding(opened, "spec-digest", "manifest.json", message)


def _foreign_rows(opened: "Opened", spec: "ExperimentSpec") -> Iterator[Finding]:
    relative = f"measurements/{opened.replication.measurements_file(spec).name}"
    found = 0
    for line, row in enumerate(opened.replication.rows(spec), start=1):
        model = row.conditions.get("model", spec.model)
        if row.experiment == spec.id and model == spec.model:
            continue
        found += 1
        if found <= _MOST:
            of = shown(f"experiment {row.experiment}, model {model}")
            message = f"a row of {of} among those of {spec.id} on {spec.model}"
            yield _finding(opened, "foreign-row", relative, message, line)


def _finding(
    opened: "Opened", rule: str, relative: str, message: str, line: int | None = None
) -> Finding:
    return Finding(
        rule=rule,
        axis="integrity",
        severity="blocker",
        path=opened.submission.path(relative),
        line=line,
        message=message,
    )
