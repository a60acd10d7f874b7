"""A training step of matching-pursuit SAEs, without a dense product for each latent chosen.

Pursuit takes the latent that the residual projects onto most, subtracts it, and goes on. The
projections change by a row of the Gram matrix of the decoder, so they are computed once. With
residuals r_t = r_(t-1) - v_t w_t and v_t = relu(r_(t-1) . w_t) the loss is the mean of |r_k|^2, and
its gradient is carried back through the same chain.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from sae_lens import MatchingPursuitTrainingSAE
from torch import Tensor
from torch.nn.functional import embedding_bag

from harness.ops.ordering import stable_order
from harness.saes.coefficients import Coefficients
from harness.saes.fired import Fired


class _Taken(NamedTuple):
    """One latent of each row."""

    latents: Int[Tensor, " rows"]
    values: Float[Tensor, " rows"]
    before: Float[Tensor, "rows d"]
    """Residuals that they were taken from."""


class PursuitStep:
    """Sets the gradients of one SAE that takes a fixed number of latents."""

    def __init__(self, sae: MatchingPursuitTrainingSAE) -> None:
        self.sae = sae
        self.coefficients = Coefficients(sae, None)
        self.parameters = [sae.get_parameter(name) for name in ("W_dec", "b_dec")]

    @torch.no_grad()
    def __call__(
        self,
        x: Float[Tensor, "rows d"],
        dead: Bool[Tensor, " latents"],  # noqa: ARG002
        step: int,  # noqa: ARG002
    ) -> Fired:
        """Set the gradient of the mean squared error of a batch."""
        taken, residual = self._pursue(x - self.sae.b_dec)
        slope, decoder = self._carried_back(taken, residual * (2 / len(x)))
        self.sae.W_dec.grad = decoder
        self.sae.b_dec.grad = -slope.sum(dim=0)
        active = x.new_zeros(len(x), self.sae.cfg.d_sae)
        for each in taken:
            active.scatter_add_(1, each.latents[:, None], each.values[:, None])
        return Fired((active > 0).any(dim=0), float((active > 0).sum()) / len(x))

    def _pursue(self, residual: Float[Tensor, "rows d"]) -> tuple[list[_Taken], Tensor]:
        decoder = self.sae.W_dec
        steps = self.sae.cfg.max_iterations
        assert steps is not None
        gram = decoder @ decoder.T
        projections = residual @ decoder.T
        taken: list[_Taken] = []
        for _ in range(steps):
            latents = projections.argmax(dim=1)
            rows = decoder.index_select(0, latents)
            values = torch.linalg.vecdot(residual, rows).relu()
            taken.append(_Taken(latents, values, residual))
            residual = torch.addcmul(residual, rows, values[:, None], value=-1)
            projections.addcmul_(gram.index_select(0, latents), values[:, None], value=-1)
        return taken, residual

    def _carried_back(
        self, taken: list[_Taken], slope: Float[Tensor, "rows d"]
    ) -> tuple[Float[Tensor, "rows d"], Float[Tensor, "latents d"]]:
        """Gradients with respect to the first residual and to the decoder."""
        tables: list[Tensor] = []
        weights: list[Tensor] = []
        for each in reversed(taken):
            rows = self.sae.W_dec.index_select(0, each.latents)
            pull = -torch.linalg.vecdot(slope, rows) * (each.values > 0)
            tables += [slope, each.before]
            weights += [-each.values, pull]
            slope = torch.addcmul(slope, rows, pull[:, None])
        latents = torch.cat([t for each in reversed(taken) for t in (each.latents, each.latents)])
        order = stable_order(latents, self.sae.cfg.d_sae)
        sizes = torch.bincount(latents, minlength=self.sae.cfg.d_sae)
        decoder = embedding_bag(
            order,
            torch.cat(tables),
            torch.cat([sizes.new_zeros(1), sizes.cumsum(0)]),
            mode="sum",
            per_sample_weights=torch.cat(weights)[order],
            include_last_offset=True,
        )
        return slope, decoder
