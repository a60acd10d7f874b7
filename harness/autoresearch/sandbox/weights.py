"""Trained weights from outside: what they must be, and how they are read without trusting them."""

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.task import Contract

if TYPE_CHECKING:
    from torch import Tensor

_NUMBER_BYTES = 8
_HEADER_BYTES = 2**16
_MOST_TENSORS = 64
_NAME = re.compile(r"[A-Za-z0-9_.]{1,64}")
_KINDS = ("F64", "F32", "F16", "BF16")


def most_bytes(contract: Contract) -> int:
    """The most in a file of weights that keeps the contract."""
    return _NUMBER_BYTES * contract.parameters + _HEADER_BYTES


def read_weights(path: Path, contract: Contract, d_in: int) -> bytes:
    """The weights as safetensors, written anew: nothing is in them but names and numbers.

    Raises `RunFailed` for anything but a regular file that keeps the contract.
    """
    return checked_weights(_read(path, contract), contract, d_in)


def checked_weights(content: bytes, contract: Contract, d_in: int) -> bytes:
    """As `read_weights`, of what a file holds. Raises `RunFailed`."""
    from safetensors import SafetensorError, deserialize
    from safetensors.torch import load, save

    try:
        declared = deserialize(content)
    except SafetensorError as error:
        raise RunFailed("malformed", "the weights are no safetensors file") from error
    _require_plain([(name, str(each["dtype"])) for name, each in declared])
    tensors = load(content)
    _require_shapes(tensors, contract, d_in)
    return save({name: tensors[name] for name in sorted(tensors)})


def _read(path: Path, contract: Contract) -> bytes:
    """Opened without following a link or waiting; nothing of the cell runs any more."""
    most = most_bytes(contract)
    try:
        end = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise RunFailed("no_output", "it ended well and left no weights") from error
    except OSError as error:
        raise RunFailed("malformed", "the weights are no file that can be opened") from error
    try:
        found = os.fstat(end)
        if not stat.S_ISREG(found.st_mode):
            raise RunFailed("malformed", "the weights are no regular file")
        if found.st_size > most:
            raise RunFailed("parameters", f"the file of weights has more than {most:,} bytes")
        with os.fdopen(end, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(end)


def _require_plain(declared: list[tuple[str, str]]) -> None:
    if len(declared) > _MOST_TENSORS:
        raise RunFailed("malformed", f"more than {_MOST_TENSORS} tensors")
    if not all(_NAME.fullmatch(name) for name, _ in declared):
        raise RunFailed("malformed", "a tensor's name: up to 64 letters, digits, dots, underscores")
    if not all(kind in _KINDS for _, kind in declared):
        raise RunFailed("malformed", f"a tensor is none of {', '.join(_KINDS)}")


def _require_shapes(tensors: "dict[str, Tensor]", contract: Contract, d_in: int) -> None:
    import torch

    if "W_dec" not in tensors:
        raise RunFailed("malformed", "there is no W_dec among the weights")
    decoder = tuple(tensors["W_dec"].shape)
    if len(decoder) == 2 and decoder[0] != contract.width:
        raise RunFailed("width", f"W_dec has {decoder[0]:,} latents, not {contract.width:,}")
    if decoder != (contract.width, d_in):
        raise RunFailed("malformed", f"W_dec is not [{contract.width}, {d_in}]")
    if "b_dec" in tensors and tuple(tensors["b_dec"].shape) != (d_in,):
        raise RunFailed("malformed", f"b_dec is not [{d_in}]")
    numbers = sum(each.numel() for each in tensors.values())
    if numbers > contract.parameters:
        raise RunFailed("parameters", f"{numbers:,} numbers, {contract.parameters:,} are allowed")
    if not all(bool(torch.isfinite(each).all()) for each in tensors.values()):
        raise RunFailed("not_finite", "a weight is not finite")


def decoder_inputs(weights: bytes) -> int:
    """Columns of W_dec in weights that were checked once."""
    from safetensors.torch import load

    return load(weights)["W_dec"].shape[1]
