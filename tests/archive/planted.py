"""A finished replication that takes no model, and archives of it that somebody tampered with."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.archive.export import export
from harness.archive.layout import SUMS, checksums
from harness.manifest import Manifest
from harness.replication import Replication
from harness.run import write_verdicts
from tests.compare.planted import accuracies, planted

FOLDER = "replications/planted/one"


def finished(project: Path) -> Replication:
    """Rows, manifest, verdicts, a report and the script, without the time that figures take."""
    scores = {test: [[1.0] * 38 + [0.0] * 2] for test in "abcde"}
    replication = planted(project, "one", accuracies(scores, units="u"))
    Manifest.now(replication.root, {}).dump(replication.root / "manifest.json")
    write_verdicts(replication)
    for name, text in (
        ("report.md", "# Report\n"),
        ("reproduce.sh", "#!/usr/bin/env bash\n"),
        ("tables/estimates.csv", "a,b\n"),
        ("figures/forest.svg", "<svg/>\n"),
        ("artifacts/probe.0.json", "{}\n"),
    ):
        file = replication.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return replication


def exported(project: Path) -> Path:
    """An archive of it."""
    path = project / "one.zip"
    export(finished(project), path)
    return path


def members_of(archive: Path) -> dict[str, bytes]:
    """Every member, as the standard library reads it."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewrite(
    archive: Path,
    change: Callable[[dict[str, bytes]], Mapping[str, bytes]],
    *,
    with_sums: bool = True,
) -> None:
    """Other members; `with_sums` as somebody does who also computes the checksums anew."""
    members = members_of(archive)
    sums = members.pop(SUMS)
    changed = dict(change(members))
    changed[SUMS] = checksums(changed).encode() if with_sums else sums
    write_zip(archive, [(zipfile.ZipInfo(name), content) for name, content in changed.items()])


def write_zip(archive: Path, members: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
    """Whatever members, safe or not."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for info, content in members:
            opened.writestr(info, content, zipfile.ZIP_DEFLATED)
    archive.write_bytes(file.getvalue())
