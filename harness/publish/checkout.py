"""The user's repository, asked through git's plumbing: index, HEAD and files stay as they are.

A rehearsal writes its objects into a scratch folder, so that it leaves none behind.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from git import Repo

from harness.publish.failure import said
from harness.record import HarnessError
from harness.review.repository import find_repository

_SECONDS = 60
_OPTIONS = ("git", "--no-replace-objects", "--literal-pathspecs")


class Ran(NamedTuple):
    """How a git command ended."""

    code: int
    out: bytes
    err: str

    @property
    def told(self) -> str:
        """Everything that it said."""
        return f"{self.err}\n{self.out.decode(errors='replace')}"


@dataclass(frozen=True)
class Checkout:
    """A repository with a working tree, whose top folder is the project's."""

    repository: Repo
    top: Path

    def run(
        self,
        *arguments: str,
        given: Path | None = None,
        index: Path | None = None,
        seconds: int = _SECONDS,
    ) -> Ran:
        """Run a git command at the top: `given` is its input, `index` stands in for the index."""
        extra = {} if index is None else {"GIT_INDEX_FILE": os.fspath(index)}
        with Path(given or os.devnull).open("rb") as file:
            code, out, err = self.repository.git.execute(
                [*_OPTIONS, *arguments],
                istream=file,
                env=extra,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=seconds,
            )
        assert isinstance(out, bytes), arguments
        return Ran(int(code), out, str(err))

    def ask(self, *arguments: str, given: Path | None = None, index: Path | None = None) -> bytes:
        """Output of a command that must succeed. Raises `HarnessError` with git's own words."""
        ran = self.run(*arguments, given=given, index=index)
        if ran.code != 0:
            raise HarnessError(f"git {arguments[0]}: {said(ran.told)}")
        return ran.out

    def line(self, *arguments: str, given: Path | None = None, index: Path | None = None) -> str:
        """What such a command prints, as text."""
        return self.ask(*arguments, given=given, index=index).decode(errors="replace").strip()

    def object_at(self, name: str) -> str | None:
        """Hash of what a name such as `COMMIT:folder` or a full ref means; `None` for nothing."""
        ran = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return ran.out.decode().strip() if ran.code == 0 else None

    def holds(self, commit: str, earlier: str) -> bool:
        """Whether a commit is `earlier` or comes after it."""
        return self.run("merge-base", "--is-ancestor", earlier, commit).code == 0


@contextmanager
def open_checkout(project: Path, *, rehearsal: bool) -> Generator[Checkout]:
    """The repository that the project's folder is the top of.

    Raises `HarnessError` where there is none.
    """
    repository = find_repository(project)
    if repository is None or repository.working_tree_dir is None:
        raise HarnessError(f"{project}: not in a git repository; clone the project with git")
    top = Path(repository.working_tree_dir).resolve()
    if top != project.resolve():
        raise HarnessError(
            f"{project}: papers/ and replications/ must lie at the top of the repository, {top}"
        )
    with TemporaryDirectory(prefix="publish-") as scratch, repository:
        aside = _aside(repository, Path(scratch)) if rehearsal else {}
        repository.git.update_environment(**_QUIET, **aside)
        yield Checkout(repository, top)


_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
"""Nobody is there to answer; and looking at the index never writes it."""


def _aside(repository: Repo, scratch: Path) -> Mapping[str, str]:
    """New objects go into a scratch folder; the repository's own are read besides."""
    (scratch / "objects").mkdir()
    own = os.fspath(Path(repository.common_dir).resolve() / "objects")
    known = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    return {
        "GIT_OBJECT_DIRECTORY": os.fspath(scratch / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(filter(None, (own, known))),
    }
