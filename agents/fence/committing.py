"""A commit of chosen paths, made by plumbing: bytes are stored as they are, and no filter runs."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.fence.entries import walk
from agents.fence.git import ask, line
from harness.record import HarnessError

_NOTHING = "0" * 40


def commit_paths(
    git_folder: Path, top: Path, paths: Sequence[str], message: str, *, author: str | None
) -> str:
    """Move the working tree's HEAD to a commit with these paths as they stand; its hash."""
    head = line("rev-parse", "--verify", "HEAD", inside=git_folder)
    with TemporaryDirectory(prefix="commit-") as scratch:
        index = {"GIT_INDEX_FILE": os.fspath(Path(scratch) / "index")}
        ask("read-tree", head, inside=git_folder, variables=index)
        listed = ask("ls-files", "-z", "--", *paths, inside=git_folder, variables=index)
        gone = [f"0 {_NOTHING}\t".encode() + path for path in listed.split(b"\0") if path]
        new = [_added(git_folder, top, path) for each in paths for path in _files(top, each)]
        given = b"".join(entry + b"\0" for entry in (*gone, *new))
        ask("update-index", "-z", "--index-info", inside=git_folder, given=given, variables=index)
        tree = line("write-tree", inside=git_folder, variables=index)
    if tree != line("rev-parse", "--verify", f"{head}^{{tree}}", inside=git_folder):
        commit = line(
            *("commit-tree", tree, "-p", head, "-m", message),
            inside=git_folder,
            variables=_identity(author),
        )
        ask("update-ref", "HEAD", commit, head, inside=git_folder)
        head = commit
    ask("read-tree", head, inside=git_folder)
    return head


def _files(top: Path, path: str) -> Iterator[str]:
    """Plain files at or below a path. Raises `HarnessError` for a link at, above or below it."""
    place = top / path
    if place.parent.resolve() != Path(os.path.normpath(place.parent)):
        raise HarnessError(f"{place}: lies behind a link")
    if place.is_dir() and not place.is_symlink():
        for name, entry in walk(place, {}).items():
            if entry.kind in ("link", "other"):
                raise HarnessError(f"{place / name}: not a plain file; it cannot be committed")
            if entry.kind == "file":
                yield f"{path.rstrip('/')}/{name}"
    elif place.is_symlink() or (place.exists() and not place.is_file()):
        raise HarnessError(f"{place}: not a plain file; it cannot be committed")
    elif place.exists():
        yield path


def _added(git_folder: Path, top: Path, path: str) -> bytes:
    """A line of an index; the content is stored as an object."""
    place = top / path
    mode = "100755" if place.stat().st_mode & stat.S_IXUSR else "100644"
    content = place.read_bytes()
    sha = line("hash-object", "-w", "--no-filters", "--stdin", inside=git_folder, given=content)
    return f"{mode} {sha}\t".encode() + os.fsencode(path)


def _identity(author: str | None) -> dict[str, str]:
    if author is None:
        return {}
    name, _, address = author.rstrip(">").partition("<")
    return {
        f"GIT_{role}_{what}": value.strip()
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", address))
    }
