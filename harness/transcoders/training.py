"""Training of one layer's TopK transcoder on cached activations, at the cost of what is active.

Inputs and outputs are normalised (mean 0, root mean square 1 an element) and the normalisation is
folded into the weights at the end. Squared error, Adam, rate falling to 0; latents that have not
fired for an epoch learn to explain what the living leave over (Gao et al. 2024, arXiv:2406.04093,
section 2.4). The same seed gives the same weights on one machine.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from harness.ops.sparse_code import ByLatent, decode, sparse_code, value_gradient
from harness.saes.selection import row_topk
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.transcoder import TopK, Transcoder

REVIVAL = 1 / 32
"""Weight of the loss of dead latents."""
DEAD_AFTER = 50_000
"""Tokens without firing."""


class Pairs(NamedTuple):
    """What an MLP reads and what it writes, token by token."""

    x: Float[Tensor, "tokens d"]
    y: Float[Tensor, "tokens d"]


class Scale(NamedTuple):
    """How activations are normalised."""

    mean: Float[Tensor, " d"]
    rms: float

    @classmethod
    def of(cls, acts: Float[Tensor, "tokens d"]) -> "Scale":
        """The scale of these activations."""
        mean = acts.mean(dim=0)
        return cls(mean, float((acts - mean).square().mean().sqrt()))

    def normal(self, acts: Float[Tensor, "tokens d"]) -> Float[Tensor, "tokens d"]:
        """Activations on that scale."""
        return (acts - self.mean) / self.rms


def train_topk(
    pairs: Pairs, recipe: TranscoderRecipe, layer: int, told: Callable[[int, int], None]
) -> Transcoder:
    """The transcoder of one layer; `told` gets the steps done and their number."""
    reads, writes = Scale.of(pairs.x), Scale.of(pairs.y)
    x, y = reads.normal(pairs.x), writes.normal(pairs.y)
    generator = torch.Generator().manual_seed(recipe.seed * 1_000 + layer)
    run = Run(x.shape[1], recipe, generator)
    each = max(len(x) // recipe.batch, 1)
    total = each * recipe.epochs
    for epoch in range(recipe.epochs):
        order = torch.randperm(len(x), generator=generator)
        for at in range(each):
            rows = order[at * recipe.batch : (at + 1) * recipe.batch]
            done = epoch * each + at
            run.step(x[rows], y[rows], rate=recipe.learning_rate * (1 - done / total))
            told(done + 1, total)
    return folded(run.transcoder(), reads, writes)


def folded(transcoder: Transcoder, reads: Scale, writes: Scale) -> Transcoder:
    """The same map between activations as they are."""
    encoder = transcoder.W_enc / reads.rms
    return transcoder._replace(
        W_enc=encoder,
        b_enc=transcoder.b_enc - encoder @ reads.mean,
        W_dec=transcoder.W_dec * writes.rms,
        b_dec=transcoder.b_dec * writes.rms + writes.mean,
    )


class Run:
    """Weights in training, and when each latent last fired."""

    def __init__(self, d: int, recipe: TranscoderRecipe, generator: torch.Generator) -> None:
        directions = torch.randn(recipe.latents, d, generator=generator)
        directions /= directions.norm(dim=1, keepdim=True)
        self.k = recipe.k
        self.encoder = nn.Parameter(directions)
        self.encoder_bias = nn.Parameter(torch.zeros(recipe.latents))
        self.decoder = nn.Parameter(torch.zeros(recipe.latents, d))
        self.bias = nn.Parameter(torch.zeros(d))
        self._parameters = [self.encoder, self.encoder_bias, self.decoder, self.bias]
        self._adam = torch.optim.Adam(self._parameters, fused=True)
        self._since = torch.zeros(recipe.latents, dtype=torch.long)

    @torch.no_grad()
    def step(self, x: Float[Tensor, "b d"], y: Float[Tensor, "b d"], *, rate: float) -> None:
        """Learn from one batch: the gradient of the mean squared norm of the error."""
        pre = torch.addmm(self.encoder_bias, x, self.encoder.T)
        where = row_topk(pre, torch.ones_like(self.encoder_bias), self.k)
        code = sparse_code(pre.view(-1)[where], where, len(x), (pre.shape[1],))
        error = decode(code, self.decoder, self.bias)[:, 0] - y
        table = error[:, None] * (2 / len(x))
        latents = ByLatent.of(code)
        slope = value_gradient(code, table, self.decoder)
        gradients = (
            latents.weighed(x, code.rows, slope),
            latents.summed(slope),
            latents.weighed(table[:, 0], code.rows, code.values),
            table[:, 0].sum(dim=0),
        )
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        self._since += len(x)
        self._since[code.latents] = 0
        self._revive(x, error, pre)
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._adam.param_groups[0]["lr"] = rate
        self._adam.step()

    def _revive(
        self, x: Float[Tensor, "b d"], error: Float[Tensor, "b d"], pre: Float[Tensor, "b n"]
    ) -> None:
        """Add the gradient of the dead latents' own loss: to explain the error, k of them a row."""
        dead = (self._since > DEAD_AFTER).nonzero().squeeze(1)
        if len(dead) < self.k:
            return
        top = pre[:, dead].topk(self.k, dim=1, sorted=False)
        values = torch.zeros(len(x), len(dead)).scatter(1, top.indices, top.values.relu())
        left = (values @ self.decoder[dead] + error) * (2 * REVIVAL / len(x))
        slope = (left @ self.decoder[dead].T) * (values > 0)
        _grad(self.decoder)[dead] += values.T @ left
        _grad(self.encoder)[dead] += slope.T @ x
        _grad(self.encoder_bias)[dead] += slope.sum(dim=0)

    def transcoder(self) -> Transcoder:
        """The weights as they stand."""
        encoder, encoder_bias, decoder, bias = (each.detach() for each in self._parameters)
        return Transcoder(encoder, encoder_bias, decoder, bias, TopK(self.k))


def _grad(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None, parameter.shape
    return parameter.grad
