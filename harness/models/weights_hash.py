"""Content hashes of weight files, computed once for each state of a file."""

import hashlib
import json
from pathlib import Path

from harness.cache_dir import cache_dir
from harness.record import HarnessError, write_text


def sha256_of_file(path: Path) -> str:
    """Read the whole file and hash it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_sha256(path: Path) -> str:
    """As `sha256_of_file`, remembered by path, size and time of change.

    The remembered name is itself a hash, so that no path of the machine is written down.
    """
    real = path.resolve()
    state = real.stat()
    key = hashlib.sha256(f"{real}:{state.st_size}:{state.st_mtime_ns}".encode()).hexdigest()
    note = cache_dir() / "weight-hashes" / key
    if note.is_file() and len(remembered := note.read_text()) == 64:
        return remembered
    computed = sha256_of_file(real)
    write_text(note, computed)
    return computed


def weight_files(directory: Path) -> list[Path]:
    """The safetensors files that transformers loads from a folder, sorted by name.

    Raises `HarnessError` where there are none, or where the index names one that is missing.
    """
    index = directory / "model.safetensors.index.json"
    if (directory / "model.safetensors").is_file():
        return [directory / "model.safetensors"]
    if not index.is_file():
        raise HarnessError(
            f"{directory}: no model.safetensors and no index; pickled weights are never loaded"
        )
    names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    missing = [name for name in names if not (directory / name).is_file()]
    if missing:
        raise HarnessError(f"{index}: names files that are missing: {', '.join(missing)}")
    return [directory / name for name in names]


def model_sha256(directory: Path) -> str:
    """One hash for all weights of a folder: that of the file, or of the list of file hashes."""
    files = weight_files(directory)
    if len(files) == 1:
        return known_sha256(files[0])
    lines = "".join(f"{file.name} {known_sha256(file)}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()
