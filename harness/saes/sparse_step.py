"""A training step that costs what is active: the encoder's product alone is dense.

The losses are SAELens' own, their gradients written out; tests hold them against SAELens' autograd.
What differs between architectures, which latents are active and what else the loss holds, is in
`topk_step.py` and `l1_step.py`.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from harness.ops.sparse_code import ByLatent, SparseCode, decode, value_gradient
from harness.saes.architectures import AnySAE
from harness.saes.autotune import Autotuner
from harness.saes.coefficients import Coefficients
from harness.saes.fired import Fired


class Batch(NamedTuple):
    """Activations with what was made of them."""

    centred: Float[Tensor, "rows d"]
    residual: Float[Tensor, "rows levels d"]
    """Reconstructions minus activations."""


class SparseStep(ABC):
    """Sets the gradients of one SAE with parameters `W_enc`, `b_enc`, `W_dec` and `b_dec`."""

    def __init__(self, sae: AnySAE, tuner: Autotuner | None = None) -> None:
        self.sae = sae
        self.coefficients = Coefficients(sae, tuner)
        self.encoder = nn.Parameter(sae.W_enc.detach().T.contiguous())
        """The encoder's weights, a row a latent, in which layout they are read and written."""
        sae.W_enc.data = self.encoder.data.T
        self.parameters = [self.encoder, *map(sae.get_parameter, ("b_enc", "W_dec", "b_dec"))]

    @abstractmethod
    def code(self, centred: Float[Tensor, "rows d"]) -> SparseCode:
        """The active latents of a batch."""

    @abstractmethod
    def more(
        self, code: SparseCode, batch: Batch, dead: Bool[Tensor, " latents"], step: int
    ) -> None:
        """Add the gradients of what the loss holds besides the squared errors."""

    @torch.no_grad()
    def __call__(
        self, x: Float[Tensor, "rows d"], dead: Bool[Tensor, " latents"], step: int
    ) -> Fired:
        """Set the gradient of the loss of a batch."""
        sae = self.sae
        centred = x - sae.b_dec if sae.cfg.apply_b_dec_to_input else x
        code = self.code(centred)
        residual = decode(code, sae.W_dec, sae.b_dec)
        residual -= x[:, None]
        batch = Batch(centred, residual)
        self._squared_errors(code, batch)
        self.more(code, batch, dead, step)
        if sae.cfg.apply_b_dec_to_input:
            _, encoder_bias, _, bias = map(grad, self.parameters)
            bias -= encoder_bias @ self.encoder
        counts = torch.bincount(code.latents, minlength=sae.cfg.d_sae)
        fired = Fired(counts > 0, len(code.latents) / len(x))
        self.coefficients.follow(fired.l0, step)
        return fired

    def _squared_errors(self, code: SparseCode, batch: Batch) -> None:
        """Set the gradients of the squared errors of all levels of the decoder."""
        table = batch.residual * (2 / len(batch.centred))
        for level in reversed(range(1, code.shape[0])):
            table[:, level - 1] += table[:, level]
        latents = ByLatent.of(code)
        self.sae.W_dec.grad = latents.weighed(
            table.view(-1, table.shape[2]), code.bags, code.values
        )
        self.sae.b_dec.grad = table[:, 0].sum(dim=0)
        slope = value_gradient(code, table, self.sae.W_dec)
        self.encoder.grad = latents.weighed(batch.centred, code.rows, slope)
        self.sae.b_enc.grad = latents.summed(slope)


def grad(parameter: Tensor) -> Tensor:
    """The gradient of a parameter that has one."""
    assert parameter.grad is not None, parameter.shape
    return parameter.grad
