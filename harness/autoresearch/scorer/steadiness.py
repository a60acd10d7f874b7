"""Whether an encoder says of a row what it said before, whatever rows come with it.

Latents that depend on the batch (a top-k over it, a running mean) are latents that nobody can have
for one activation. The rows that are asked about again are ones that were measured on.
"""

from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer.bench import Encode

_ROWS = 256
_PARTS = (1, 2, 5, 24, 96)
"""Rows of the batches that they are sent in again; one more holds the rest."""
_TOLERANCE = 1e-4
"""Of a latent's value, against the largest latent or 1: other batches round otherwise."""
_DIFFERENT = 2e-3
"""The most of the active latents that may differ: a threshold that is met to the last digit."""
_NUDGE = 1 + 2e-6
"""What rows are multiplied by, so that answers that were kept by their rows' bits are not found."""


class Watched:
    """An encoder, and some of the rows and latents that went through it."""

    def __init__(self, encode: Encode, calls: int, generator: torch.Generator) -> None:
        self._inner, self._generator = encode, generator
        self._each = ceil(_ROWS / calls)
        self._rows: list[Tensor] = []
        self._latents: list[Tensor] = []

    def encode(self, x: Float[Tensor, "rows d"]) -> Float[Tensor, "rows latents"]:
        """As the encoder does, and keep some of it."""
        latents = self._inner(x)
        picked = torch.randperm(len(x), generator=self._generator)[: self._each]
        self._rows.append(x[picked])
        self._latents.append(latents[picked])
        return latents

    def require_steady(self) -> None:
        """Raises `RunFailed` where the rows that were kept have other latents now."""
        rows, said = torch.cat(self._rows), torch.cat(self._latents)
        if _differ(self._inner(rows), self._inner(rows)):
            raise RunFailed("not_deterministic", "the same rows, encoded twice, differ in latents")
        order = torch.randperm(len(rows), generator=self._generator)
        parts = torch.tensor_split(order, torch.tensor(_PARTS).cumsum(0))
        again = torch.cat([self._inner(rows[part] * _NUDGE) for part in parts if len(part)])
        if _differ(again, said[order]):
            raise RunFailed("batch_dependent", "rows that come with other rows have other latents")


def _differ(one: Float[Tensor, "rows n"], other: Float[Tensor, "rows n"]) -> bool:
    tolerance = _TOLERANCE * max(1.0, float(other.max()))
    active = int(((one > 0) | (other > 0)).sum())
    return int(((one - other).abs() > tolerance).sum()) > _DIFFERENT * active
