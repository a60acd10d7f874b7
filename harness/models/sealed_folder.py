"""A folder of files made once: written aside, sealed with their hashes, renamed whole.

Owns how such a folder comes to be and is recognised; knows nothing of what lies in it.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from harness.models.weights_hash import sha256_of_file
from harness.record import HarnessError, Record

_SEAL = "harness-seal.json"


class Seal(Record):
    """Hashes of every file of a finished folder. A folder without it was never finished."""

    files: dict[str, str]


def sealed_folder(directory: Path, fill: Callable[[Path], None]) -> Path:
    """`directory`, filled by `fill` where it is not there or not as it was written.

    Of several processes one fills and the others wait. Raises `HarnessError` where it cannot be
    written.
    """
    if not is_sealed(directory):
        directory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{directory}.lock"):
            if not is_sealed(directory):
                _build(directory, fill)
    return directory


def is_sealed(directory: Path) -> bool:
    """Whether every file is the one that was written."""
    try:
        seal = Seal.load(directory / _SEAL)
        return all(sha256_of_file(directory / name) == sha for name, sha in seal.files.items())
    except (HarnessError, FileNotFoundError):
        return False


def _build(directory: Path, fill: Callable[[Path], None]) -> None:
    aside = directory.with_name(f"{directory.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        fill(aside)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise HarnessError(f"{aside}: cannot be written: {error}; see HARNESS_CACHE") from error
    files = {path.name: sha256_of_file(path) for path in sorted(aside.iterdir())}
    for name in files:
        _flush(aside / name)
    Seal(files=files).dump(aside / _SEAL)
    shutil.rmtree(directory, ignore_errors=True)
    aside.replace(directory)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
