"""How well a transcoder reconstructs an MLP's output, on tokens that it was not trained on."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.training import Pairs
from harness.transcoders.transcoder import Transcoder

_ROWS = 4096
_ROWS_OF_ALL_LAYERS = 1024


class Quality(NamedTuple):
    """Measured on one layer."""

    fvu: float
    """Squared error over the output's variance; 1 is the mean alone."""
    l0: float
    alive_fraction: float
    """Latents that are active on some token."""


class Tally:
    """One layer's quality, added up over batches in double precision."""

    def __init__(self) -> None:
        self.tokens = 0
        self._error = self._active = 0.0
        self._sum: Tensor = torch.zeros(1, dtype=torch.float64)
        self._squares: Tensor = torch.zeros(1, dtype=torch.float64)
        self._fired: Tensor = torch.zeros(1, dtype=torch.bool)

    def add(
        self,
        y: Float[Tensor, "rows d"],
        reconstruction: Float[Tensor, "rows d"],
        latents: Float[Tensor, "rows n"],
    ) -> None:
        """Take in a batch: what the MLP wrote, what was made of it, which latents were active."""
        outputs, active = y.double(), latents != 0
        self.tokens += len(y)
        self._error += float((reconstruction - y).double().square().sum())
        self._active += float(active.sum())
        self._sum = self._sum + outputs.sum(dim=0)
        self._squares = self._squares + outputs.square().sum(dim=0)
        self._fired = self._fired | active.any(dim=0)

    def quality(self) -> Quality:
        """Of all that was added."""
        variance = float((self._squares - self._sum.square() / self.tokens).sum())
        assert variance > 0, "constant outputs"
        return Quality(
            fvu=self._error / variance,
            l0=self._active / self.tokens,
            alive_fraction=float(self._fired.double().mean()),
        )


@torch.inference_mode()
def measure(transcoder: Transcoder, pairs: Pairs) -> Quality:
    """The quality on these tokens, of which memory holds some thousands at a time."""
    tally = Tally()
    for x, y in zip(pairs.x.split(_ROWS), pairs.y.split(_ROWS), strict=True):
        latents = transcoder.encode(x)
        tally.add(y, transcoder.decode(latents, x), latents)
    return tally.quality()


@torch.inference_mode()
def measure_cross_layer(
    transcoder: CrossLayerTranscoder, pairs: Sequence[Pairs]
) -> tuple[Quality, ...]:
    """The quality of each layer: its own latents, and the reconstruction from all that write to it.

    `pairs` has the same tokens in every layer.
    """
    tallies = [Tally() for _ in pairs]
    for first in range(0, len(pairs[0].x), _ROWS_OF_ALL_LAYERS):
        rows = slice(first, first + _ROWS_OF_ALL_LAYERS)
        latents = transcoder.encode(torch.stack([each.x[rows] for each in pairs]))
        outputs = transcoder.decode(latents)
        for tally, each, output, active in zip(tallies, pairs, outputs, latents, strict=True):
            tally.add(each.y[rows], output, active)
    return tuple(each.quality() for each in tallies)
