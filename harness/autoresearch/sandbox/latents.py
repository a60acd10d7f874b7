"""Latents as a recipe's process sends them, checked before they are believed."""

from typing import TYPE_CHECKING

import numpy as np

from harness.autoresearch.sandbox.place import RunFailed

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_COUNT_BYTES, _INDEX_BYTES, _VALUE_BYTES = 4, 4, 4


def latents_bytes(rows: int, active: int) -> int:
    """Bytes of latents: how many are active in each row, which they are, and their values."""
    return _COUNT_BYTES * rows + (_INDEX_BYTES + _VALUE_BYTES) * active


def dense_latents(content: bytes, rows: int, width: int) -> "Float[Tensor, 'rows width']":
    """Latents `[rows, width]` float32. Raises `RunFailed` unless they are finite and >= 0."""
    import torch

    integers = np.frombuffer(content, "<i4")
    active = (len(integers) - rows) // 2
    counts, indices = integers[:rows], integers[rows : rows + active]
    values = np.frombuffer(content, "<f4")[rows + active :]
    if (counts < 0).any() or counts.sum(dtype=np.int64) != active:
        raise _malformed("the numbers of active latents do not add up")
    if ((indices < 0) | (indices >= width)).any():
        raise _malformed("a latent is active that there is not")
    places = np.repeat(np.arange(rows, dtype=np.int64), counts) * width + indices
    if (np.diff(places) <= 0).any():
        raise _malformed("a latent stands twice, or latents are out of order")
    if not np.isfinite(values).all():
        raise RunFailed("not_finite", "a latent is not finite")
    if (values < 0).any():
        raise _malformed("a latent is negative")
    dense = torch.zeros(rows * width)
    dense[torch.from_numpy(places)] = torch.from_numpy(values.copy())
    return dense.view(rows, width)


def _malformed(message: str) -> RunFailed:
    return RunFailed("malformed", message)
