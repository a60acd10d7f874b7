"""A cross-layer transcoder as plain tensors: latents that read one layer and write to all after it.

Lindsey et al. 2025, "Circuit Tracing", section "Building an interpretable replacement model".
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class CrossLayerTranscoder(NamedTuple):
    """Reads every layer's `mlp_in` and reconstructs every layer's `mlp_out`; normalisation is
    folded in, so both are as the model has them."""

    W_enc: Float[Tensor, "layers n d"]
    b_enc: Float[Tensor, "layers n"]
    W_dec: tuple[Float[Tensor, "n later d"], ...]
    """By the layer that is read; the first of `later` is that layer itself, the last the model's
    last."""
    b_dec: Float[Tensor, "layers d"]
    threshold: Float[Tensor, "layers n"]
    """Pre-activations above it stay, others are 0."""

    def encode(self, x: Float[Tensor, "layers rows d"]) -> Float[Tensor, "layers rows n"]:
        """Activations of the latents."""
        pre = torch.baddbmm(self.b_enc[:, None], x, self.W_enc.mT)
        return pre * (pre > self.threshold[:, None])

    def decode(self, latents: Float[Tensor, "layers rows n"]) -> Float[Tensor, "layers rows d"]:
        """The reconstruction of every MLP's output."""
        return written(latents, self.W_dec) + self.b_dec[:, None]

    def l0(self, layer: int, x: Float[Tensor, "rows d"]) -> float:
        """Mean number of active latents of one layer, given what that layer reads."""
        pre = x @ self.W_enc[layer].T + self.b_enc[layer]
        active = (pre > self.threshold[layer]) & (pre != 0)
        return float(active.sum(dim=-1).double().mean())


def written(
    latents: Float[Tensor, "layers rows n"], decoders: Sequence[Float[Tensor, "n later d"]]
) -> Float[Tensor, "layers rows d"]:
    """What all latents together write to each layer."""
    outputs: list[Tensor | None] = [None] * len(decoders)
    for layer, (active, decoder) in enumerate(zip(latents, decoders, strict=True)):
        parts = (active @ decoder.flatten(1)).unflatten(1, decoder.shape[1:])
        for later, part in enumerate(parts.unbind(1), start=layer):
            before = outputs[later]
            outputs[later] = part if before is None else before + part
    return torch.stack([each for each in outputs if each is not None])
