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
"""Of a latent's value, against its largest one or the median: other batches round otherwise."""
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

    def require_steady(self, again: Encode | None = None) -> None:
        """Raises `RunFailed` where the rows that were kept have other latents now.

        `again` is the same encoder in a process that has seen none of them, so that nothing it
        said can have been kept; without it, the one that was watched is asked.
        """
        rows, said = torch.cat(self._rows), torch.cat(self._latents)
        encode = again or self._inner
        if _differ(encode(rows), encode(rows)):
            raise RunFailed("not_deterministic", "the same rows, encoded twice, differ in latents")
        order = torch.randperm(len(rows), generator=self._generator)
        parts = torch.tensor_split(order, torch.tensor(_PARTS).cumsum(0))
        later = torch.cat([encode(rows[part] * _NUDGE) for part in parts if len(part)])
        if _differ(later, said[order]):
            raise RunFailed("batch_dependent", "rows that come with other rows have other latents")


def _differ(one: Float[Tensor, "rows n"], other: Float[Tensor, "rows n"]) -> bool:
    """Latents have no unit, since decoder rows can be scaled: so what is active is compared too,
    and no size that they share, nor one huge latent, hides the rest."""
    either = (one > 0) | (other > 0)
    active = int(either.sum())
    if not active:
        return False
    largest = torch.maximum(one, other)
    scale = largest.amax(dim=0).clamp(min=float(largest[either].median()))
    differs = ((one > 0) != (other > 0)) | ((one - other).abs() > _TOLERANCE * scale)
    return int(differs.sum()) > _DIFFERENT * active
