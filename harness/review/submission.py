"""What is reviewed, as bytes: nothing in it is imported, run, followed or checked out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["file", "executable", "link", "submodule"]
ChangeKind = Literal["added", "modified", "deleted"]


class Blob(NamedTuple):
    """One entry of a tree; a link's content is the path that it leads to."""

    kind: Kind
    content: bytes


class Change(NamedTuple):
    """A path outside of the replication's folder that differs from main."""

    path: str
    kind: ChangeKind


@dataclass(frozen=True)
class Submission:
    """The folder of one replication, and what else a branch touches."""

    name: str
    """`replications/<paper>/<id>`."""
    files: Mapping[str, Blob]
    """By path relative to that folder, `/` between parts."""
    paper: str
    """Text of the paper's spec that the submission is held against: main's, where main has it."""
    paper_is_new: bool = False
    """Whether main has no such paper, so that the spec is the submission's own."""
    frozen: str | None = None
    """Text of that paper's `frozen.json`, main's where main has the paper; `None`: not frozen."""
    outside: tuple[Change, ...] = ()
    """Empty where a folder on disk is reviewed."""
    commit: str | None = None
    """Of the branch; seeds the choice of what is run again."""
    base: str | None = field(default=None)
    """Commit of main that the branch is held against."""
    own_paper: str | None = None
    """The submission's own text of that spec where it is another than main's."""
    history: frozenset[str] | None = None
    """Commits that main holds; `None` where no whole history is at hand."""

    def path(self, relative: str) -> str:
        """A file of the folder by its path from the project's folder."""
        return f"{self.name}/{relative}"
