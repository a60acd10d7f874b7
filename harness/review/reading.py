"""Submissions from where they lie: a folder on disk, or a branch of a repository."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from git import Commit, Repo

from harness.record import HarnessError, read_text
from harness.review.repository import (
    MOST_READ,
    blobs,
    changes,
    commit_of,
    find_repository,
    fork_point,
    history,
    is_folder,
    text_at,
)
from harness.review.submission import Blob, Change, ChangeKind, Submission

_MAINS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/heads/main")
"""Where main's specs are looked for, in this order."""
_DEPTH = 3
"""`replications/<paper>/<id>`."""


def read_folder(root: Path) -> Submission:
    """The folder of a replication on disk, held against main's paper where git has one.

    Links are never followed. Outside of git the paper's spec is the one on disk. Raises
    `HarnessError` where this is no folder of a replication, or holds what is no file.
    """
    root = root.resolve()
    name = "/".join(root.parts[-_DEPTH:])
    if not root.is_dir() or root.parts[-_DEPTH:][:1] != ("replications",):
        raise HarnessError(f"{root}: not a folder replications/<paper>/<id>")
    files = dict(_walk(root, root))
    project, paper, frozen = root.parents[2], *_of_paper(root.parent.name)
    own, own_frozen = (_on_disk(project / path) for path in (paper, frozen))
    repository = find_repository(project)
    main = _main(repository) if repository else None
    if repository is None or main is None:
        return Submission(name, files, _required(own, paper), frozen=own_frozen)
    theirs, their_frozen = (
        text_at(repository, main, _inside(repository, project, path)) for path in (paper, frozen)
    )
    pairs = [(paper, theirs, own)]
    if theirs is None or their_frozen is not None:  # to freeze main's own paper here moves nothing
        pairs.append((frozen, their_frozen, own_frozen))
    return Submission(
        name,
        files,
        _required(own, paper) if theirs is None else theirs,
        paper_is_new=theirs is None,
        frozen=own_frozen if theirs is None else their_frozen,
        outside=tuple(Change(path, _kind(a, b)) for path, a, b in pairs if a != b),
        base=main.hexsha,
        own_paper=own if theirs is not None and own != theirs else None,
        history=history(repository, main),
    )


def read_branch(folder: Path, ref: str, *, base: str = "main") -> Submission:
    """What a branch adds to `base`, from the repository that `folder` lies in.

    Raises `HarnessError` where there is no repository, no such ref, or no replication is touched.
    """
    repository = find_repository(folder)
    if repository is None:
        raise HarnessError(f"{folder}: not in a git repository, so {ref!r} cannot be found")
    head, main = commit_of(repository, ref), _base(repository, base)
    start = fork_point(repository, main, head)
    touched = changes(repository, start, head)
    name = _replication(repository, head, touched, ref)
    paper, frozen = _of_paper(PurePosixPath(name).parent.name)
    theirs, own = text_at(repository, main, paper), text_at(repository, head, paper)
    changed = own != text_at(repository, start, paper)
    return Submission(
        name,
        dict(blobs(repository, head, name)) if is_folder(repository, head, name) else {},
        _required(own, paper) if theirs is None else theirs,
        paper_is_new=theirs is None,
        frozen=text_at(repository, head if theirs is None else main, frozen),
        outside=tuple(each for each in touched if not each.path.startswith(f"{name}/")),
        commit=head.hexsha,
        base=main.hexsha,
        own_paper=own if theirs is not None and changed else None,
        history=history(repository, main),
    )


def _of_paper(paper: str) -> tuple[str, str]:
    """A paper's spec, and what it was frozen as."""
    return f"papers/{paper}/paper.yaml", f"papers/{paper}/frozen.json"


def _on_disk(path: Path) -> str | None:
    return read_text(path) if path.is_file() else None


def _walk(folder: Path, root: Path) -> Iterator[tuple[str, Blob]]:
    """Entries in the order of their names; a link is told, and not followed."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = Path(entry.path)
        relative = path.relative_to(root).as_posix().encode("utf-8", "surrogateescape")
        name = relative.decode("utf-8", "backslashreplace")
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(path, root)
        elif stat.S_ISLNK(mode):
            yield name, Blob("link", os.fsencode(path.readlink()))
        elif stat.S_ISREG(mode):
            with path.open("rb") as file:
                content = file.read(MOST_READ)
            yield name, Blob("executable" if mode & stat.S_IXUSR else "file", content)
        else:
            raise HarnessError(f"{path}: no file, but a pipe, socket or device")


def _main(repository: Repo) -> Commit | None:
    known = {reference.path: reference for reference in repository.references}
    found = next((known[name] for name in _MAINS if name in known), None)
    return None if found is None else repository.commit(found.path)


def _base(repository: Repo, base: str) -> Commit:
    """The branch of that name here, else the remote's."""
    names = {reference.path for reference in repository.references}
    remote = f"refs/remotes/origin/{base}"
    here = f"refs/heads/{base}"
    return commit_of(repository, remote if remote in names and here not in names else base)


def _replication(repository: Repo, head: Commit, touched: Sequence[Change], ref: str) -> str:
    """The one that the branch is about: of several, the one that it changes most."""
    parts = [PurePosixPath(change.path).parts for change in touched]
    inside = [each[:_DEPTH] for each in parts if len(each) > _DEPTH and each[0] == "replications"]
    counted = Counter("/".join(each) for each in inside)
    if not counted:
        raise HarnessError(f"{ref!r} touches no folder replications/<paper>/<id>")
    there = [name for name in counted if is_folder(repository, head, name)]
    return min(there or counted, key=lambda name: (-counted[name], name))


def _inside(repository: Repo, project: Path, path: str) -> str:
    """A path of the project's folder by its place in the repository."""
    top = repository.working_tree_dir
    assert top is not None, "a bare repository holds no folder"
    return (project / path).relative_to(Path(top).resolve()).as_posix()


def _kind(before: str | None, after: str | None) -> ChangeKind:
    return "added" if before is None else "deleted" if after is None else "modified"


def _required(text: str | None, paper: str) -> str:
    if text is None:
        raise HarnessError(f"{paper}: neither main nor the submission has this paper's spec")
    return text
