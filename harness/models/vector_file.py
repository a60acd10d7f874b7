"""Directions that somebody else found, from a safetensors file."""

import hashlib
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.record import HarnessError


def read_vector(
    lm: LanguageModel, path: Path, hookpoint: Hookpoint, *, sha256: str | None = None
) -> Float[Tensor, " d"]:
    """The tensor named like the hookpoint, `blocks.18.resid_post`, [d_model] in float32.

    Raises `HarnessError` where the file is missing, damaged or other than `sha256` says, and for a
    tensor that is not there or has another shape.
    """
    if not path.is_file():
        raise HarnessError(f"{path.name}: no such file of directions")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise HarnessError(f"{path.name}: its sha256 is {found}, the spec says {sha256}")
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise HarnessError(f"{path.name}: not a safetensors file: {error}") from error
    if str(hookpoint) not in tensors:
        raise HarnessError(f"{path.name}: no tensor {hookpoint}; valid: {sorted(tensors)}")
    vector = tensors[str(hookpoint)]
    if vector.shape != (lm.d_model,) or not bool(torch.isfinite(vector).all()):
        raise HarnessError(
            f"{path.name}: {hookpoint} has shape {tuple(vector.shape)}; {lm.ref} needs "
            f"{lm.d_model} finite numbers"
        )
    return vector.float()
