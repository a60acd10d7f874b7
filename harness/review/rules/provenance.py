"""Whether the manifest tells what it takes to obtain the numbers again."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.review.finding import Axis, Finding, Severity
from harness.review.rules.paths import shown
from harness.specs import ImportedSpec

if TYPE_CHECKING:
    from harness.review.opened import Opened

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def provenance(opened: "Opened") -> Iterator[Finding]:
    """The commit, whether it was all of the code, the packages, and the weights."""
    manifest = opened.replication.manifest()
    if manifest is None:
        message = "no manifest: nobody can tell what code and machine gave these rows"
        yield _finding(opened, "manifest-missing", message, severity="blocker", axis="integrity")
        return
    history = opened.submission.history
    if manifest.commit is None:
        yield _finding(opened, "commit", "made outside of git: the code is not known")
    elif not _COMMIT.fullmatch(manifest.commit):
        yield _finding(opened, "commit", f"{shown(manifest.commit)} is no commit")
    elif history is not None and manifest.commit not in history:
        message = f"commit {manifest.commit[:12]} is not in main's history"
        yield _finding(opened, "commit", message)
    if manifest.dirty:
        yield _finding(opened, "dirty", "package or papers had uncommitted changes when it ran")
    if not manifest.packages:
        yield _finding(opened, "packages", "no versions of packages")
    specs = opened.replication.spec.experiments
    imported = {spec.id for spec in specs if isinstance(spec, ImportedSpec)}
    for name, run in manifest.experiments.items():
        if not run.device.strip():
            yield _finding(opened, "device", f"experiment {shown(name)}: no device")
        if not run.models and name not in imported:
            yield _finding(opened, "weights", f"experiment {shown(name)}: no hash of any weights")
    for name in sorted(set(manifest.experiments) - {spec.id for spec in specs}):
        yield _finding(opened, "manifest-entry", f"no experiment is {shown(name)}")


def _finding(
    opened: "Opened",
    rule: str,
    message: str,
    *,
    severity: Severity = "warning",
    axis: Axis = "reproducibility",
) -> Finding:
    path = opened.submission.path("manifest.json")
    return Finding(rule=rule, axis=axis, severity=severity, path=path, message=message)
