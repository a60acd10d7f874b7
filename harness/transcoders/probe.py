"""Held-out inputs of a layer that are kept with its weights: L0 on them is asserted on loading."""

from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from harness.record import HarnessError, write_bytes

_PROBED = 64
_TOLERANCE = 0.01
"""Of L0, for rounding at a threshold on another machine; a lost TopK is off by a factor of ten."""


def write_probe(
    folder: Path, layer: int, x: Float[Tensor, "tokens d"]
) -> Float[Tensor, "probed d"]:
    """Keep some of the inputs, evenly spread, and return them."""
    probe = x[torch.linspace(0, len(x) - 1, _PROBED).long()].contiguous()
    write_bytes(_file(folder, layer), save({"x": probe}))
    return probe


def read_probe(folder: Path, layer: int) -> Float[Tensor, "probed d"] | None:
    """The inputs, where any were kept. Raises `HarnessError` for a damaged file."""
    path = _file(folder, layer)
    if not path.exists():
        return None
    try:
        return load_file(path)["x"]
    except (SafetensorError, OSError, KeyError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error


def require_l0(weights: Path, found: float, expected: float, activation: str) -> None:
    """Raise `HarnessError`, naming the file of weights, where L0 is not what it was."""
    if abs(found - expected) > _TOLERANCE * expected:
        raise HarnessError(
            f"{weights}: {found:.1f} latents are active where there were {expected:.1f} when it "
            f"was saved; its activation function is {activation}"
        )


def _file(folder: Path, layer: int) -> Path:
    return folder / f"probe_{layer}.safetensors"
