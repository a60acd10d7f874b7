"""Put a folder back to what was accepted. Repeating it after a kill ends the same."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from agents.fence.entries import Entries, Entry, compiled, walk_against
from agents.fence.store import Store

_USUAL = {"PATH": "/usr/bin:/bin"}
"""`find -execdir` refuses a PATH with a relative folder in it."""


def restore(top: Path, wanted: Entries, store: Store) -> None:
    """Undo every difference: contents, modes, links, what came and what went.

    Raises `HarnessError` where a kept content is damaged.
    """
    now = walk_against(top, wanted)
    for path, entry in now.items():
        if entry.kind == "folder":
            (top / path).chmod(entry.mode | 0o700)
    unwanted = list(_unwanted(now, wanted))
    for path in unwanted:
        remove(top / path)
    for path, entry in wanted.items():
        is_there = path in now and not any(_is_at(path, each) for each in unwanted)
        if not (is_there and now[path].equals(entry)):
            _make(top / path, entry, store)
    for path, entry in reversed(list(wanted.items())):
        if entry.kind == "folder" and (top / path).stat().st_mode & 0o7777 != entry.mode:
            (top / path).chmod(entry.mode)
    now = walk_against(top, wanted)
    left = [path for path, entry in now.items() if not entry.equals(wanted[path])]
    assert not left, left


def remove(path: Path) -> None:
    """A file, a link, or a folder of any depth, what is closed to its owner in it included."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    delete = ["rm", "-rf", "--", os.fspath(path)]
    if subprocess.run(delete, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        # Folders alone: a file in it may be another name of one that stays.
        closed = ["find", os.fspath(path), "-type", "d", "!", "-perm", "-700"]
        subprocess.run([*closed, "-execdir", "chmod", "u+rwx", "{}", ";"], check=True, env=_USUAL)
        subprocess.run(delete, check=True)


def clear_compiled(top: Path) -> None:
    """Remove compiled Python: it stands in for the source beside it, whatever it holds."""
    for folder in compiled(top):
        remove(folder)


def _unwanted(now: Entries, wanted: Entries) -> Iterator[str]:
    """The uppermost of what did not stand there, or is of another kind."""
    gone: list[str] = []
    for path, entry in now.items():
        is_wanted = path in wanted and wanted[path].kind == entry.kind
        if not is_wanted and not any(_is_at(path, each) for each in gone):
            gone.append(path)
            yield path


def _is_at(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _make(path: Path, entry: Entry, store: Store) -> None:
    match entry.kind:
        case "folder":
            path.mkdir(mode=0o700, exist_ok=True)
        case "link":
            path.unlink(missing_ok=True)
            path.symlink_to(entry.content)
        case "file":
            aside = path.with_name(f".restored.{os.getpid()}.partial")
            store.put(entry.content, aside)
            aside.chmod(entry.mode)
            aside.replace(path)
        case "other":
            assert False, path  # noqa: B011
