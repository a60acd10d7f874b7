"""An SAE as a candidate sends it: decoder weights, and an encoder that runs elsewhere.

It stands where SAELens' evaluation takes an SAE.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from safetensors.torch import load
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer.bench import Encode

_LONGEST = 1e12
"""Norm of a decoder row up to which cosines are numbers in float32."""


class _Config(NamedTuple):
    d_sae: int


class SentSae:
    """Decodes as `latents @ W_dec + b_dec`; `b_dec` is 0 where none was sent."""

    def __init__(self, weights: bytes, encode: Encode, device: torch.device) -> None:
        self.tensors = load(weights)
        self.W_dec: Float[Tensor, "latents d"] = self.tensors["W_dec"].float().to(device)
        self.b_dec: Float[Tensor, " d"] = torch.zeros(self.W_dec.shape[1], device=device)
        if "b_dec" in self.tensors:
            self.b_dec = self.tensors["b_dec"].float().to(device)
        self.cfg = _Config(len(self.W_dec))
        self._encode = encode
        _require_directions(self.W_dec)

    def eval(self) -> "SentSae":
        """Itself: it has no other mode."""
        return self

    def encode(self, x: Float[Tensor, "rows d"]) -> Float[Tensor, "rows latents"]:
        """What the candidate's encoder says, on the device of the activations."""
        return self._encode(x.cpu()).to(x.device)

    def decode(self, latents: Float[Tensor, "rows latents"]) -> Float[Tensor, "rows d"]:
        """Reconstructions."""
        return latents @ self.W_dec + self.b_dec


def _require_directions(rows: Float[Tensor, "latents d"]) -> None:
    """Rows of zeros pass: a latent without a direction."""
    longest = float(rows.double().norm(dim=1).max())
    if longest > _LONGEST:
        raise RunFailed("not_finite", f"W_dec: a row of norm {longest:g}, above {_LONGEST:g}")
