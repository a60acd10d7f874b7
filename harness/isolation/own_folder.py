"""Folders of the harness in a cell's home, where commands may have put anything instead."""

from pathlib import Path


def make_own_folder(home: Path, name: str) -> Path:
    """A folder right below a home, made where there is none.

    A file, a link or a pipe of that name goes, and what was closed to its owner is opened. Nothing
    of the cell may run meanwhile.
    """
    home.mkdir(parents=True, exist_ok=True)
    _open(home)
    folder = home / name
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        folder.mkdir()
    _open(folder)
    return folder


def _open(folder: Path) -> None:
    mode = folder.stat().st_mode
    if mode & 0o700 != 0o700:
        folder.chmod(mode & 0o7777 | 0o700)
