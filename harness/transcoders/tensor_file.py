"""One layer's tensors from a file, under circuit-tracer's names, whoever wrote it.

Knows circuit-tracer's own files, SAELens' (whose encoder is transposed), Gemma Scope's `.npz` and
Gemma Scope 2's lower-case names. Pickles are never read.
"""

import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from harness.record import HarnessError

THRESHOLD, SKIP = "activation_function.threshold", "W_skip"
_NEEDED = ("W_enc", "b_enc", "W_dec", "b_dec")
_OURS = {"threshold": THRESHOLD, "w_enc": "W_enc", "w_dec": "W_dec"}
_TRANSPOSED_SKIP = "affine_skip_connection"
"""Gemma Scope 2 adds x A; circuit-tracer adds x W_skip^T."""


def read_layer_tensors(path: Path) -> dict[str, Tensor]:
    """`W_enc` [n, d], `b_enc` [n], `W_dec` [n, d], `b_dec` [d], and of `W_skip` [d, d] and the
    threshold [n] what there is, in float32.

    Raises `HarnessError` for a file that is damaged, lacks a tensor or has one of another shape.
    """
    raw = {name: tensor.float() for name, tensor in _read(path).items()}
    found = {_OURS.get(name, name): tensor for name, tensor in raw.items()}
    if _TRANSPOSED_SKIP in raw:
        found[SKIP] = raw[_TRANSPOSED_SKIP].T.contiguous()
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise HarnessError(f"{path}: lacks {', '.join(missing)}; holds {', '.join(sorted(raw))}")
    n, d = len(found["b_enc"]), len(found["b_dec"])
    # Where n = d the shape does not tell, and only Gemma Scope's forms are always transposed.
    transposed = path.suffix == ".npz" or "w_enc" in raw
    if tuple(found["W_enc"].shape) == (d, n) and (n != d or transposed):
        found["W_enc"] = found["W_enc"].T.contiguous()
    _require_shapes(path, found, n, d)
    return found


def _require_shapes(path: Path, found: dict[str, Tensor], n: int, d: int) -> None:
    expected = {
        **dict.fromkeys(("W_enc", "W_dec"), (n, d)),
        **dict.fromkeys(("b_enc", THRESHOLD), (n,)),
        "b_dec": (d,),
        SKIP: (d, d),
    }
    for name, shape in expected.items():
        if name in found and tuple(found[name].shape) != shape:
            raise HarnessError(
                f"{path}: {name} has the shape {tuple(found[name].shape)}; expected {shape}"
            )


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix not in (".safetensors", ".npz"):
        raise HarnessError(f"{path}: not a file of weights; valid: .safetensors, .npz")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with np.load(path, allow_pickle=False) as file:
            return {name: torch.from_numpy(file[name]) for name in file.files}
    except (SafetensorError, OSError, zipfile.BadZipFile, ValueError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error
