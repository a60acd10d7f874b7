"""Token sequences in a file: a corpus that was drawn once need not be drawn again.

A set keeps what was held out beside its weights, so that it can be measured anew on it.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from harness.record import HarnessError, write_bytes

Tokens = tuple[int, ...]
TRAIN, HELDOUT = "train_tokens.safetensors", "heldout_tokens.safetensors"


def write_tokens(path: Path, sequences: Sequence[Tokens]) -> None:
    """Write sequences in their order. Raises `HarnessError` where the disk is full."""
    ids = torch.tensor([token for each in sequences for token in each], dtype=torch.int32)
    lengths = torch.tensor([len(each) for each in sequences], dtype=torch.int32)
    write_bytes(path, save({"ids": ids, "lengths": lengths}))


def read_tokens(path: Path) -> list[Tokens]:
    """Read what `write_tokens` wrote. Raises `HarnessError` for a damaged file."""
    try:
        found = load_file(path)
        parts = found["ids"].split(found["lengths"].tolist())
    except (SafetensorError, OSError, KeyError, RuntimeError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error
    return [tuple(part.tolist()) for part in parts]
