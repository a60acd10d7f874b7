"""Pack a finished replication into one zip file: the same inputs give the same bytes."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from harness.archive.environment import Difference, Environment
from harness.archive.layout import (
    CONSTRAINTS,
    LOCK,
    MOST_BYTES,
    MOST_BYTES_EACH,
    MOST_MEMBERS,
    REQUIRED,
    SUMS,
    checksums,
    left_out,
    packed,
    require_distinct,
    require_safe_name,
)
from harness.archive.verdicts import require_own_verdicts
from harness.record import HarnessError, Record, write_bytes
from harness.replication import Replication

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can tell."""
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


class Exported(Record):
    """What was packed."""

    replication: str
    members: int
    bytes: int
    """Of the archive."""
    left_out: tuple[str, ...]
    """Files of the folder that are not part of a replication."""
    measured_otherwise: tuple[Difference, ...]
    """Packages whose version at the last run is not the one that is locked."""


def export(replication: Replication, output: Path) -> Exported:
    """Write the archive. Nothing is written where `HarnessError` is raised.

    Raises it where a stage has not been run, verdicts differ from what the rows give, a file is too
    large or oddly named, or `output` is not called `*.zip`.
    """
    if output.suffix != ".zip":
        raise HarnessError(f"{output}: an archive is called *.zip")
    for name in REQUIRED:
        if not (replication.root / name).is_file():
            stage = "report" if name in ("report.md", "reproduce.sh") else "run"
            raise HarnessError(f"{replication.name}: no {name}; `harness {stage}` writes it")
    require_own_verdicts(replication)
    environment = Environment.now()
    members = _members(replication, environment)
    content = archive_bytes(members)
    write_bytes(output, content)
    return Exported(
        replication=replication.name,
        members=len(members) + 1,
        bytes=len(content),
        left_out=tuple(left_out(replication)),
        measured_otherwise=tuple(_measured_otherwise(replication, environment)),
    )


def archive_bytes(members: Mapping[str, bytes]) -> bytes:
    """A zip file of the members and their checksums: sorted, of one time, of no owner.

    Raises `HarnessError` for what could not be read again.
    """
    _require_readable(members)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in [(SUMS, checksums(members).encode()), *sorted(members.items())]:
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system, info.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return file.getvalue()


def _members(replication: Replication, environment: Environment) -> dict[str, bytes]:
    project = replication.project
    paper = project / "papers" / replication.paper.id / "paper.yaml"
    files = [paper, *packed(replication)]
    members = {path.relative_to(project).as_posix(): path.read_bytes() for path in files}
    members[LOCK] = (environment.model_dump_json(indent=2) + "\n").encode()
    constraints = project / "constraints.txt"
    if constraints.is_file():
        members[CONSTRAINTS] = constraints.read_bytes()
    return members


def _require_readable(members: Mapping[str, bytes]) -> None:
    for name, content in members.items():
        require_safe_name(name)
        if len(content) > MOST_BYTES_EACH:
            raise HarnessError(f"{name}: larger than {MOST_BYTES_EACH >> 20} MiB")
    require_distinct(members)
    if len(members) >= MOST_MEMBERS or sum(map(len, members.values())) > MOST_BYTES:
        raise HarnessError(
            f"an archive holds {MOST_MEMBERS:,} files of {MOST_BYTES >> 20} MiB together at most"
        )


def _measured_otherwise(replication: Replication, here: Environment) -> list[Difference]:
    manifest = replication.manifest()
    assert manifest is not None, replication.root
    there = Environment(
        python=manifest.python, platform=manifest.platform, packages=manifest.packages
    )
    return there.differences(here)
