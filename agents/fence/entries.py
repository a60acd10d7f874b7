"""What stands in a folder: every file, link and folder with a fingerprint of its content."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["file", "folder", "link", "other"]
"""`other`: a pipe, a socket, a device, or what lies too deep to be looked into."""
Stamp = tuple[int, int, int, int]
"""Size in bytes, mtime and ctime in nanoseconds, inode."""
_NO_TIME = -1
"""For the ctime of a file that might change again within it: such a stamp equals no other."""

SCRATCH = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis"})
"""Folders of tools, wherever they lie."""
_SCRATCH_AT_TOP = frozenset({"runs", ".venv"})
_COMPILED = "__pycache__"
_LONGEST_PATH_BYTES = 2048
_MOST_BYTES_READ = 64 * 2**20
"""Of a file that cannot be equal to the known one, for its size is another."""
_UNSETTLED_NS = 2_000_000_000
"""A file that changed so shortly before it was looked at might change again within the grain of
the clock that its time is taken from."""


class Entry(NamedTuple):
    """One thing that stands there."""

    kind: Kind
    mode: int
    """Permission bits; 0 for a link, which has none of its own."""
    content: str
    """SHA-256 of a file, target of a link, else empty."""
    stamp: Stamp | None
    """By which a file is known to be unchanged without reading it; `None` for all else."""
    links: int
    """Names that a file has."""

    def equals(self, other: "Entry") -> bool:
        """Whether it is the same but for the time."""
        return self[:3] == other[:3]


Entries = Mapping[str, Entry]
"""By path from the top, a folder before what it holds."""


def walk(
    top: Path, known: Entries, fingerprint: Callable[[Path], str] | None = None
) -> dict[str, Entry]:
    """Every entry below a folder but scratch; no link is followed, no ignore file has a say.

    `known` saves reading what has not been touched since; `fingerprint` gives the SHA-256 of what
    is read.
    """
    return {
        path: _entry(top / path, status, known.get(path), fingerprint or sha256)
        for path, status in _found(top)
    }


def walk_against(top: Path, known: Entries) -> dict[str, Entry]:
    """As `walk`, to be held against `known`: what is huge and of another size is not read.

    Such a file has its size for its content, which no SHA-256 equals.
    """
    entries: dict[str, Entry] = {}
    for path, status in _found(top):
        before = known.get(path)
        is_of_size = before is not None and before.stamp and before.stamp[0] == status.st_size
        is_read = is_of_size or status.st_size <= _MOST_BYTES_READ
        entries[path] = _entry(top / path, status, before, sha256 if is_read else _unread)
    return entries


def sha256(path: Path) -> str:
    """Of a file's content. Raises `OSError` for a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compiled(top: Path) -> list[Path]:
    """Folders of compiled Python beside what `walk` finds; none where it does not look."""
    entries = list(_found(top))  # whereupon every folder is open to its owner
    folders = [path for path, status in entries if stat.S_ISDIR(status.st_mode)]
    looked_into = [top, *(top / path for path in folders if not _is_too_deep(top / path))]
    found = [folder / _COMPILED for folder in looked_into]
    return [path for path in found if path.is_dir() and not path.is_symlink()]


def _found(top: Path) -> Iterator[tuple[str, os.stat_result]]:
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for each in _listed(top / folder):
            path = f"{folder}/{each.name}" if folder else each.name
            status = each.stat(follow_symlinks=False)
            is_folder = stat.S_ISDIR(status.st_mode)
            if is_folder and (each.name in SCRATCH or path in _SCRATCH_AT_TOP):
                continue
            yield path, status
            if is_folder and not _is_too_deep(top / path):
                waiting.append(path)


def _listed(folder: Path) -> list["os.DirEntry[str]"]:
    """A folder that was closed to its owner is opened, and differs by its mode then."""
    try:
        found = os.scandir(folder)
    except PermissionError:
        folder.chmod(0o700)
        found = os.scandir(folder)
    with found:
        return sorted(found, key=lambda each: each.name)


def _entry(
    path: Path, status: os.stat_result, known: Entry | None, fingerprint: Callable[[Path], str]
) -> Entry:
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Entry("link", 0, os.fspath(path.readlink()), None, 1)
    if stat.S_ISDIR(status.st_mode) and not _is_too_deep(path):
        return Entry("folder", mode, "", None, 1)
    if not stat.S_ISREG(status.st_mode):
        return Entry("other", mode, "", None, 1)
    stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    is_known = known is not None and known.kind == "file" and known.stamp == stamp
    is_settled = status.st_ctime_ns + _UNSETTLED_NS < time.time_ns()
    content = known.content if known is not None and is_known else _read(path, mode, fingerprint)
    if not is_settled:
        stamp = (status.st_size, status.st_mtime_ns, _NO_TIME, status.st_ino)
    return Entry("file", mode, content, stamp, status.st_nlink)


def _read(path: Path, mode: int, fingerprint: Callable[[Path], str]) -> str:
    try:
        return fingerprint(path)
    except PermissionError:
        path.chmod(mode | stat.S_IRUSR)
        return fingerprint(path)


def _unread(path: Path) -> str:
    return f"{path.lstat().st_size} bytes"


def _is_too_deep(path: Path) -> bool:
    return len(os.fsencode(path)) > _LONGEST_PATH_BYTES
