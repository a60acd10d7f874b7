"""Training of a cross-layer transcoder: all layers at once, on cached activations.

Squared error, summed over layers whose outputs are normalised each by itself; BatchTopK picks the
k times `tokens` largest pre-activations of each layer (Bussmann et al. 2024, arXiv:2412.06410);
latents that have not fired for long learn to explain the error (Gao et al. 2024, arXiv:2406.04093,
section 2.4). The running mean of each layer's smallest active pre-activation is the threshold that
stays. Plain autograd and Adam, rate falling to 0.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.cross_layer import CrossLayerTranscoder, written
from harness.transcoders.cross_layer_checkpoint import Moments, Progress, read_moments
from harness.transcoders.training import DEAD_AFTER, REVIVAL, Pairs, Scale

_FORGETS = 0.02
"""Share of the running mean of thresholds that a step replaces."""


def train_cross_layer(
    pairs: Sequence[Pairs],
    recipe: TranscoderRecipe,
    checkpoint: Path,
    told: Callable[[int, int], None],
) -> CrossLayerTranscoder:
    """The transcoder of all layers, `pairs` having the same tokens in each.

    `told` gets the steps done and their number. An epoch that is done is kept in `checkpoint`, and
    training goes on from what lies there. The same seed gives the same weights on one machine.
    """
    reads, writes = ([Scale.of(acts) for acts in each] for each in zip(*pairs, strict=True))
    x, y = (
        torch.stack([scale.normal(acts) for scale, acts in zip(scales, each, strict=True)])
        for scales, each in zip((reads, writes), zip(*pairs, strict=True), strict=True)
    )
    run = Run(recipe, layers=len(pairs), d=x.shape[2])
    each = max(x.shape[1] // recipe.batch, 1)
    total = each * recipe.epochs
    for epoch in range(run.resume(checkpoint), recipe.epochs):
        order = torch.randperm(x.shape[1], generator=_generator(recipe, 1 + epoch))
        for at, rows in enumerate(order.split(recipe.batch)[:each]):
            done = epoch * each + at
            run.step(x[:, rows], y[:, rows], rate=recipe.learning_rate * (1 - done / total))
            told(done + 1, total)
        if epoch + 1 < recipe.epochs:
            run.moments(epoch + 1).write(checkpoint)
    return folded_cross_layer(run.transcoder(), reads, writes)


def folded_cross_layer(
    transcoder: CrossLayerTranscoder, reads: Sequence[Scale], writes: Sequence[Scale]
) -> CrossLayerTranscoder:
    """The same map between activations as they are; thresholds stay, for pre-activations do."""
    out = torch.tensor([each.rms for each in writes])
    encoder = transcoder.W_enc / torch.tensor([each.rms for each in reads])[:, None, None]
    means = torch.stack([each.mean for each in reads])
    return transcoder._replace(
        W_enc=encoder,
        b_enc=transcoder.b_enc - torch.einsum("lnd,ld->ln", encoder, means),
        W_dec=tuple(decoder * out[layer:, None] for layer, decoder in enumerate(transcoder.W_dec)),
        b_dec=transcoder.b_dec * out[:, None] + torch.stack([each.mean for each in writes]),
    )


class Losses(NamedTuple):
    """Of one batch, as tensors that gradients flow through."""

    error: Float[Tensor, ""]
    """Mean over tokens of the squared norm of the error, summed over layers."""
    revival: Float[Tensor, ""]
    """The same of what the dead latents leave of that error; 0 where hardly any are dead."""


class Run:
    """Weights in training, thresholds, and when each latent last fired."""

    def __init__(self, recipe: TranscoderRecipe, *, layers: int, d: int) -> None:
        directions = torch.randn(layers, recipe.latents, d, generator=_generator(recipe, 0))
        directions /= directions.norm(dim=2, keepdim=True)
        self.k = recipe.k
        self.encoder = nn.Parameter(directions)
        self.encoder_bias = nn.Parameter(torch.zeros(layers, recipe.latents))
        self.bias = nn.Parameter(torch.zeros(layers, d))
        self.decoders = [
            nn.Parameter(torch.zeros(recipe.latents, layers - layer, d)) for layer in range(layers)
        ]
        self.parameters = [self.encoder, self.encoder_bias, self.bias, *self.decoders]
        self.adam = torch.optim.Adam(self.parameters, fused=True)
        self.since = torch.zeros(layers, recipe.latents, dtype=torch.long)
        self.threshold = torch.full((layers,), float("nan"))
        """Not a number before the first step."""

    def step(
        self, x: Float[Tensor, "layers b d"], y: Float[Tensor, "layers b d"], *, rate: float
    ) -> None:
        """Learn from one batch."""
        losses = self.losses(x, y)
        self.adam.zero_grad()
        (losses.error + REVIVAL * losses.revival).backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.adam.param_groups[0]["lr"] = rate
        self.adam.step()

    def losses(self, x: Float[Tensor, "layers b d"], y: Float[Tensor, "layers b d"]) -> Losses:
        """What is to become small; notes which latents fired, and the thresholds."""
        pre = torch.baddbmm(self.encoder_bias[:, None], x, self.encoder.mT)
        active = batch_topk(pre.detach(), self.k)
        error = written(pre * active, self.decoders) + self.bias[:, None] - y
        self._note(pre.detach(), active)
        return Losses(_squared_norm(error), self._revival(pre, error.detach()))

    def _revival(
        self, pre: Float[Tensor, "layers b n"], error: Float[Tensor, "layers b d"]
    ) -> Float[Tensor, ""]:
        dead = self.since > DEAD_AFTER
        if int(dead.sum()) < self.k:
            return pre.new_zeros(())
        among = pre.masked_fill(~dead[:, None], 0.0)
        top = among.topk(self.k, dim=2, sorted=False)
        values = torch.zeros_like(pre).scatter(2, top.indices, top.values.relu())
        return _squared_norm(written(values, self.decoders) + error)

    def _note(self, pre: Float[Tensor, "layers b n"], active: Bool[Tensor, "layers b n"]) -> None:
        smallest = pre.masked_fill(~active, torch.inf).amin(dim=(1, 2))
        moved = torch.lerp(self.threshold, smallest, _FORGETS)
        self.threshold = torch.where(self.threshold.isnan(), smallest, moved)
        self.since = (self.since + pre.shape[1]).masked_fill(active.any(dim=1), 0)

    def transcoder(self) -> CrossLayerTranscoder:
        """The weights as they stand, each layer's threshold for all its latents."""
        return CrossLayerTranscoder(
            W_enc=self.encoder.detach(),
            b_enc=self.encoder_bias.detach(),
            W_dec=tuple(each.detach() for each in self.decoders),
            b_dec=self.bias.detach(),
            threshold=self.threshold[:, None].expand_as(self.encoder_bias).clone(),
        )

    def moments(self, epochs: int) -> Moments:
        """All that going on after so many epochs takes."""
        return Moments.of(self.parameters, self.adam, Progress(epochs, self.since, self.threshold))

    def resume(self, checkpoint: Path) -> int:
        """Go on from what lies there; the epochs that are done."""
        if not checkpoint.exists():
            return 0
        progress = read_moments(checkpoint).put_into(self.parameters, self.adam)
        self.since, self.threshold = progress.since, progress.threshold
        return progress.epochs


def batch_topk(pre: Float[Tensor, "layers b n"], k: int) -> Bool[Tensor, "layers b n"]:
    """Which are among the k times b largest of their layer, as far as they are above 0."""
    smallest = pre.flatten(1).topk(k * pre.shape[1], dim=1, sorted=False).values.amin(dim=1)
    return (pre >= smallest[:, None, None]) & (pre > 0)


def _squared_norm(error: Float[Tensor, "layers b d"]) -> Float[Tensor, ""]:
    return error.square().sum() / error.shape[1]


def _generator(recipe: TranscoderRecipe, part: int) -> torch.Generator:
    """One stream of draws for the weights, and one for the order of each epoch."""
    return torch.Generator().manual_seed(recipe.seed * 1_000 + part)
