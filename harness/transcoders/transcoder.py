"""One layer's transcoder as plain tensors, and what it does to an MLP's input."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class TopK(NamedTuple):
    """The k largest pre-activations stay, as far as they are above 0."""

    k: int

    def __call__(self, pre: Float[Tensor, "*rows n"]) -> Float[Tensor, "*rows n"]:
        """Activations."""
        top = pre.topk(min(self.k, pre.shape[-1]), dim=-1, sorted=False)
        return torch.zeros_like(pre).scatter(-1, top.indices, top.values.relu())


class JumpReLU(NamedTuple):
    """Pre-activations above their latent's threshold stay; with thresholds of 0 it is a ReLU."""

    threshold: Float[Tensor, " n"]

    def __call__(self, pre: Float[Tensor, "*rows n"]) -> Float[Tensor, "*rows n"]:
        """Activations."""
        return pre * (pre > self.threshold)


class Transcoder(NamedTuple):
    """Reads `mlp_in`, reconstructs `mlp_out`; with normalisation folded in, so both are as the
    model has them."""

    W_enc: Float[Tensor, "n d"]
    b_enc: Float[Tensor, " n"]
    W_dec: Float[Tensor, "n d"]
    b_dec: Float[Tensor, " d"]
    activation: TopK | JumpReLU
    W_skip: Float[Tensor, "d d"] | None = None
    """Of transcoders with a linear path beside the latents: added as x W_skip^T."""

    def encode(self, x: Float[Tensor, "*rows d"]) -> Float[Tensor, "*rows n"]:
        """Activations of the latents."""
        return self.activation(x @ self.W_enc.T + self.b_enc)

    def decode(
        self, latents: Float[Tensor, "*rows n"], x: Float[Tensor, "*rows d"]
    ) -> Float[Tensor, "*rows d"]:
        """The reconstruction of the MLP's output."""
        out = latents @ self.W_dec + self.b_dec
        return out if self.W_skip is None else out + x @ self.W_skip.T

    def l0(self, x: Float[Tensor, "rows d"]) -> float:
        """Mean number of active latents."""
        return float((self.encode(x) != 0).sum(dim=-1).double().mean())
