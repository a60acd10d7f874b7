"""An empty folder, or none, in place of whatever an untrusted program left there."""

import os
import secrets
from itertools import count
from pathlib import Path


def make_fresh(folder: Path) -> None:
    """Empty a folder, or make it. Nothing of a cell may run in it meanwhile.

    No link is followed. What is nested is lifted to the top first, so that neither the depth of
    folders nor the length of a path can stop it.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    mark, number = secrets.token_hex(8), count()
    while found := list(os.scandir(folder)):
        for entry in found:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            for inner in _opened(Path(entry.path)).iterdir():
                if inner.is_dir() and not inner.is_symlink():
                    _opened(inner)  # to be moved, a folder must be writable
                inner.rename(folder / f"{mark}-{next(number)}")
            Path(entry.path).rmdir()


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, as `make_fresh` does; what is not there is gone."""
    if folder.exists() or folder.is_symlink():
        make_fresh(folder)
        folder.rmdir()


def _opened(folder: Path) -> Path:
    folder.chmod(0o700)
    return folder
