"""What no turn may touch although it lies outside of the working tree: the project's own checkout.

A person may work there meanwhile, so a difference is told and never undone.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from agents.fence.change import printable
from agents.fence.entries import walk
from agents.fence.git import ask, line
from harness.record import Record

_FOLDERS = ("harness", "agents", "papers", "replications")
_GIT_FILES = ("HEAD", "config", "config.worktree", "info", "hooks")
_WORKTREES = ".git/worktrees/"
_OF_A_WORKTREE = ("commondir", "gitdir", "config.worktree")


class Outside(Record):
    """Fingerprints of the project's code, papers and replications, and of its repository."""

    fingerprints: dict[str, str]
    """By path from the project's folder; a ref of git by its name."""

    @classmethod
    def of(cls, project: Path) -> Self:
        """As it is now. Raises `HarnessError` where the project is in no git repository."""
        shared = line("rev-parse", "--path-format=absolute", "--git-common-dir", inside=project)
        found = {**dict(_checkout(project)), **dict(_git(Path(shared))), **dict(_refs(project))}
        return cls(fingerprints={printable(name): value for name, value in found.items()})

    def broken(self, project: Path) -> list[str]:
        """Names of what differs now; working trees that were made meanwhile are others' affair."""
        before, now = self.fingerprints, type(self).of(project).fingerprints
        differing = {name for name in {*before, *now} if before.get(name) != now.get(name)}
        return sorted(
            name for name in differing if name in before or not name.startswith(_WORKTREES)
        )


def _checkout(project: Path) -> Iterator[tuple[str, str]]:
    for name in _FOLDERS:
        yield from _files(project / name, name)


def _git(shared: Path) -> Iterator[tuple[str, str]]:
    for name in _GIT_FILES:
        yield from _files(shared / name, f".git/{name}")
    for folder in (shared / "worktrees").glob("*"):
        for name in _OF_A_WORKTREE:
            yield from _files(folder / name, f"{_WORKTREES}{folder.name}/{name}")


def _files(place: Path, name: str) -> Iterator[tuple[str, str]]:
    """A file, or every file in a folder; a link counts as itself."""
    if place.is_symlink():
        yield name, f"link {os.fspath(place.readlink())}"
    elif place.is_file():
        yield name, hashlib.sha256(place.read_bytes()).hexdigest()
    elif place.is_dir():
        for path, entry in walk(place, {}).items():
            if entry.kind != "folder":
                yield f"{name}/{path}", f"{entry.kind} {entry.mode:o} {entry.content}"


def _refs(project: Path) -> Iterator[tuple[str, str]]:
    told = ask("for-each-ref", "--format=%(refname) %(objectname)", inside=project)
    for each in told.decode(errors="replace").splitlines():
        name, _, commit = each.partition(" ")
        yield name, commit
