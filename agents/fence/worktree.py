"""A working tree of the project for one agent, on a commit of its own and on no branch.

Git is asked through the tree's folder in the project's repository: the `.git` file in the tree
itself is the agent's to write.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agents.fence.committing import commit_paths
from agents.fence.git import ask, line
from agents.fence.restore import remove
from harness.record import HarnessError

_BASE = "refs/worktree/harness-base"
"""Written once everything is checked out; a tree without it was left unfinished."""


@dataclass(frozen=True)
class Worktree:
    """Files of the project as a commit has them, with the agent's changes."""

    top: Path
    base: str
    """Hash of the commit that it was made from."""
    git_folder: Path
    """Its folder in the project's repository."""

    @classmethod
    def create(cls, project: Path, folder: Path, *, commit: str = "HEAD") -> Self:
        """A new one, or the one that is there already.

        Raises `HarnessError` where the project is not the top of a git repository, the commit is
        unknown, or something else lies in the folder.
        """
        shared, top = _repository(project), folder.resolve()
        found = _git_folder(shared, top)
        if found is not None:
            base = _base(found)
            if base is not None and (top / ".git").exists():
                return cls(top, base, found)
            if base is not None:
                raise HarnessError(f"{top}: the files of this working tree are gone")
            _remove(project, top)
        elif top.exists() and any(top.iterdir()):
            raise HarnessError(f"{top}: not empty, and no working tree of {project}")
        base = _commit(project, commit)
        ask("worktree", "add", "--detach", os.fspath(top), base, inside=project)
        made = _git_folder(shared, top)
        assert made is not None, top
        ask("update-ref", _BASE, base, inside=made)
        return cls(top, base, made)

    @property
    def head(self) -> str:
        """Hash of the commit that it stands on."""
        return line("rev-parse", "--verify", "HEAD", inside=self.git_folder)

    def commit(self, paths: Sequence[str], message: str, *, author: str | None = None) -> str:
        """Commit these files, and folders with all that they hold, as they stand; nothing else.

        Paths are from the top. Hash of the new commit, or of the last one where nothing differs.
        `author` is `Name <address>`, otherwise whom git is set up for. Raises `HarnessError` for a
        link, and where git knows no author.
        """
        return commit_paths(self.git_folder, self.top, paths, message, author=author)

    def remove(self) -> None:
        """Delete it with all that was not committed; its commits stay as long as git keeps them."""
        shared = Path(
            line("rev-parse", "--path-format=absolute", "--git-common-dir", inside=self.git_folder)
        )
        _remove(shared, self.top)


def _repository(project: Path) -> Path:
    """The git folder that all working trees of the project share."""
    try:
        told = line(
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-common-dir",
            inside=project,
        )
    except HarnessError as error:
        raise HarnessError(
            f"{project}: not in a git repository; clone the project with git ({error})"
        ) from error
    top, shared = told.splitlines()
    if Path(top).resolve() != project.resolve():
        raise HarnessError(f"{project}: must be the top of its git repository, {top}")
    return Path(shared)


def _commit(project: Path, name: str) -> str:
    try:
        return line(
            "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}", inside=project
        )
    except HarnessError as error:
        raise HarnessError(f"{name}: no commit of {project}") from error


def _git_folder(shared: Path, top: Path) -> Path | None:
    for file in (shared / "worktrees").glob("*/gitdir"):
        if Path(file.read_text().strip()) == top / ".git":
            return file.parent
    return None


def _base(git_folder: Path) -> str | None:
    told = line("for-each-ref", "--format=%(objectname)", _BASE, inside=git_folder)
    return told or None


def _remove(inside: Path, top: Path) -> None:
    """Files first: git itself refuses where the `.git` file among them is not as it made it."""
    remove(top)
    ask("worktree", "remove", "--force", "--force", os.fspath(top), inside=inside)
