"""Open a replication wherever it is: a folder, or an archive, which is unpacked aside."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from harness.archive.environment import Environment
from harness.archive.layout import LOCK
from harness.archive.read import read_members
from harness.archive.verdicts import require_own_verdicts
from harness.project import resolve_root
from harness.record import HarnessError, write_bytes
from harness.replication import Replication


class Opened(NamedTuple):
    """A replication, and what an archive says of the environment that it was packed in."""

    replication: Replication
    lock: Environment | None
    """`None` for a folder."""


@contextmanager
def opened(path: Path) -> Generator[Opened]:
    """The replication for as long as the context lasts.

    Raises `HarnessError` for what cannot be opened; then nothing of an archive has been unpacked,
    or it is removed again.
    """
    found = resolve_root(path)
    if found.is_dir() or found.suffix != ".zip":
        yield Opened(Replication.open(found), None)
        return
    if not found.is_file():
        raise HarnessError(f"{path}: no such archive")
    members = read_members(found)
    with TemporaryDirectory() as scratch:
        yield _unpacked(members, Path(scratch).resolve(), found.name)


def _unpacked(members: Mapping[str, bytes], project: Path, archive: str) -> Opened:
    """Write checked members into an empty folder."""
    specs = [name for name in members if name.endswith("/replication.yaml")]
    roots = {"/".join(name.split("/")[:3]) for name in members if name.startswith("replications/")}
    if len(specs) != 1 or roots != {specs[0].removesuffix("/replication.yaml")}:
        raise HarnessError(f"{archive}: holds {len(roots)} replications; one is needed")
    for name, content in members.items():
        write_bytes(project / name, content)
    try:
        replication = Replication.open(project / specs[0].removesuffix("/replication.yaml"))
        require_own_verdicts(replication)
        return Opened(replication, Environment.load(project / LOCK))
    except HarnessError as error:
        raise HarnessError(f"{archive}: {str(error).replace(f'{project}/', '')}") from error
