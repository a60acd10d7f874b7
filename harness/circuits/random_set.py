"""Transcoders that know nothing of the model, active as often as those that do: a control."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import Transcoder

_APART = 1_299_709
"""Added to the seed: training draws its first directions from seeds that are small numbers, and the
same draw would turn encoders back to where they began."""


def random_set(transcoders: TranscoderSet, seed: int) -> TranscoderSet:
    """The set with every encoder and decoder row turned to a random direction of equal length.

    Biases and activation functions stay, so that a TopK set is active as often as before.
    """
    source = torch.Generator().manual_seed(_APART + seed)
    layers = tuple(_turned(each, source) for each in transcoders.layers)
    return replace(transcoders, ref=f"{transcoders.ref}, random", layers=layers, manifest=None)


def _turned(transcoder: Transcoder, source: torch.Generator) -> Transcoder:
    return transcoder._replace(
        W_enc=_directions(transcoder.W_enc, source), W_dec=_directions(transcoder.W_dec, source)
    )


def _directions(rows: Float[Tensor, "n d"], source: torch.Generator) -> Float[Tensor, "n d"]:
    drawn = torch.randn(rows.shape, generator=source)
    return drawn / drawn.norm(dim=1, keepdim=True) * rows.norm(dim=1, keepdim=True)
