"""How an SAE is trained and how it encodes: the file that a campaign improves.

Plain BatchTopK (Bussmann et al. 2024) where every knob is off. Each option stands in a function of
its own, and `knobs.yaml` says what it does. Sizes follow from the contract, so that a recipe moves
to other worlds and models.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil, cos, log, pi
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from harness.autoresearch.recipes import sparse_layers
from harness.autoresearch.recipes.sparse_layers import Encoded, Layers
from harness.saes.processor import keep_freed_memory
from harness.saes.selection import BatchTopK

if TYPE_CHECKING:
    from harness.autoresearch.sandbox.inside import Contract, Knobs, Stream

DEAD_AFTER = 1000
"""Batches without firing."""
SORTINGS = 32
"""How often latents are sorted in one training."""
SAMPLE_CELLS = 1 << 23
"""Rows times latents: the last training samples, which set the thresholds of `encode`."""


def train(stream: "Stream", contract: "Contract", knobs: "Knobs", seed: int) -> dict[str, Tensor]:
    """The trained state: `W_dec` has unit rows, `thresholds` are those of `encode`, in turn."""
    keep_freed_memory()
    rows = int(knobs["batch"])
    steps = ceil(stream.left / rows)
    run = begin(stream.d_in, contract, knobs, seed)
    sample: deque[Tensor] = deque(maxlen=ceil(SAMPLE_CELLS / (rows * contract.width)))
    scale = 1.0
    for step in range(steps):
        x = stream.take(rows)
        if step == 0:
            scale = input_scale(x, knobs)
            run.start_bias(x * scale)
        run.step(x * scale, step / steps)
        if knobs["sorted"] and (step + 1) % ceil(steps / SORTINGS) == 0:
            run.sort()
        sample.append(x)
    weights = folded(run.layers, scale)
    weights["thresholds"] = thresholds(torch.cat(list(sample)), weights, knobs, contract.target_l0)
    return weights


def encode(
    x: Float[Tensor, "rows d"], weights: Mapping[str, Tensor], knobs: "Knobs"
) -> Float[Tensor, "rows m"]:
    """Latents; those of a row depend on that row alone."""
    return latents_of(x, weights, knobs, lambda stage, _scores: weights["thresholds"][stage])


# What is trained, and what it is trained for.


def begin(d_in: int, contract: "Contract", knobs: "Knobs", seed: int) -> "Run":
    """Decoder rows of one norm in random directions, the encoder their transpose."""
    generator = torch.Generator().manual_seed(seed)
    decoder = torch.rand(contract.width, d_in, generator=generator) * 2 - 1
    decoder *= float(knobs["decoder_norm"]) / decoder.norm(dim=1, keepdim=True)
    tensors = decoder.clone(), torch.zeros(contract.width), decoder, torch.zeros(d_in)
    layers = Layers(*(nn.Parameter(each.to(contract.device)) for each in tensors))
    return Run(layers, knobs, trained_l0(contract.target_l0, knobs))


def input_scale(x: Float[Tensor, "rows d"], knobs: "Knobs") -> float:
    """What activations are multiplied by in training, for a mean norm of the root of d."""
    return x.shape[1] ** 0.5 / float(x.norm(dim=1).mean()) if knobs["scaled_inputs"] else 1.0


def trained_l0(target: float, knobs: "Knobs") -> float:
    """Active latents before refinement drops some of them."""
    return target * (1 + float(knobs["refine_spare"])) if knobs["refine"] else target


def level_widths(width: int, levels: int) -> tuple[int, ...]:
    """Of nested decoders: half the latents, an eighth, …, the smallest first; all at the end."""
    parts = [width // (2 * 4**level) for level in reversed(range(levels))]
    return (*(part for part in parts if 0 < part < width), width)


@dataclass
class Run:
    """A training between two batches."""

    layers: Layers
    knobs: "Knobs"
    l0: float
    """That k ends at."""
    picks: list[BatchTopK] = field(init=False)
    """Of each encoding: the LISTA steps', then the last."""
    widths: tuple[int, ...] = field(init=False)
    adam: torch.optim.Adam = field(init=False)
    since: Tensor = field(init=False)
    """Batches since each latent fired."""
    often: Tensor = field(init=False)
    """Share of samples on which it fires, a running mean."""

    def __post_init__(self) -> None:
        width, device = len(self.layers.encoder), self.layers.encoder.device
        self.picks = [BatchTopK(self.l0) for _ in range(int(self.knobs["lista_steps"]) + 1)]
        self.widths = level_widths(width, int(self.knobs["nested_levels"]))
        self.adam = torch.optim.Adam(self.layers, fused=device.type != "mps")
        self.since = torch.zeros(width, dtype=torch.long, device=device)
        self.often = torch.zeros(width, device=device)

    def start_bias(self, x: Float[Tensor, "rows d"]) -> None:
        """Where the decoder's bias is before the first batch."""
        if self.knobs["mean_bias"]:
            self.layers.decoder_bias.data.copy_(x.mean(dim=0))

    def step(self, x: Float[Tensor, "rows d"], progress: float) -> None:
        """Learn from one batch; `progress` runs from 0 to 1."""
        rate = float(self.knobs["learning_rate"]) * rate_left(progress, self.knobs)
        self.adam.param_groups[0]["lr"] = rate
        for pick in self.picks:
            pick.k = self.l0 * k_multiple(progress, self.knobs)
        self.adam.zero_grad()
        loss, fired = self.loss(x)
        loss.backward()
        nn.utils.clip_grad_norm_(self.layers, 1.0)
        self.adam.step()
        self.since.add_(1).masked_fill_(fired > 0, 0)
        self.often.lerp_(fired / len(x), 0.01)

    def loss(self, x: Float[Tensor, "rows d"]) -> tuple[Tensor, Tensor]:
        """The loss of a batch, and in how many of its rows each latent fired."""
        latents = encode_batch(x, self.layers, self.picks, self.knobs, self.widths)
        detached = bool(self.knobs["detach_levels"])
        decoded = sparse_layers.decode(latents, self.layers, detached=detached)
        residual = decoded - x[:, None]
        errors = residual.square().sum(dim=2)
        loss = tilted_mean(errors, float(self.knobs["tilt"])).sum()
        dead = self.since > DEAD_AFTER
        if dead.any():
            revived = revival_loss(x, self.layers, residual.detach(), dead, self.widths)
            loss = loss + float(self.knobs["aux_coefficient"]) * revived
        return loss, latents.active.count()

    @torch.no_grad()
    def sort(self) -> None:
        """The most frequent latents first, so that inner levels hold them; Adam's means follow."""
        order = self.often.argsort(descending=True)
        self.often, self.since = self.often[order], self.since[order]
        for parameter in self.layers[:-1]:
            parameter.copy_(parameter[order])
            for name in ("exp_avg", "exp_avg_sq"):
                self.adam.state[parameter][name] = self.adam.state[parameter][name][order]


def encode_batch(
    x: Float[Tensor, "rows d"],
    layers: Layers,
    picks: list[BatchTopK],
    knobs: "Knobs",
    widths: tuple[int, ...],
) -> Encoded:
    """The k latents a row, on average, that add most; LISTA steps refine what they are found by.

    A step z' = act(pre + eta W_enc (x - x_hat(z))) is an encoding of x + eta (x - x_hat(z)).
    """
    eta, refined = float(knobs["lista_eta"]), x
    for pick in picks[:-1]:
        latents = sparse_layers.encode(refined, layers, pick, widths[-1:])
        refined = refined + eta * (x - sparse_layers.decode(latents, layers)[:, 0])
    return sparse_layers.encode(refined, layers, picks[-1], widths)


def tilted_mean(errors: Float[Tensor, "rows levels"], tilt: float) -> Float[Tensor, " levels"]:
    """Mean over samples; with a tilt, samples of large error count more (TERM, Li et al. 2021)."""
    if tilt == 0:
        return errors.mean(dim=0)
    return ((tilt * errors).logsumexp(dim=0) - log(len(errors))) / tilt


def revival_loss(
    x: Float[Tensor, "rows d"],
    layers: Layers,
    residual: Float[Tensor, "rows levels d"],
    dead: Bool[Tensor, " m"],
    widths: tuple[int, ...],
) -> Tensor:
    """Dead latents explain what the living of their level leave over (Gao et al. 2024, A.2)."""
    loss, first = residual.new_zeros(()), 0
    for level, end in enumerate(widths):
        where = dead[first:end].nonzero().squeeze(1) + first
        first = end
        if not len(where):
            continue
        most = x.shape[1] // 2
        decoder = layers.decoder[where]
        values = (x - layers.decoder_bias) @ layers.encoder[where].T + layers.encoder_bias[where]
        if len(where) > most:
            top = (values * decoder.norm(dim=1)).topk(most, dim=1, sorted=False).indices
            values = torch.zeros_like(values).scatter(1, top, values.gather(1, top))
        error = (values @ decoder + residual[:, level]).square().sum(dim=1).mean()
        loss = loss + min(len(where) / most, 1.0) * error
    return loss


# Schedules: `progress` is the share of batches that are done.


def rate_left(progress: float, knobs: "Knobs") -> float:
    """What the learning rate is multiplied by: 1, then linearly down to 0 at the end."""
    decay = float(knobs["lr_decay"])
    return (1 - progress) / decay if progress > 1 - decay else 1.0


def k_multiple(progress: float, knobs: "Knobs") -> float:
    """What k is multiplied by: from `k_start` down to 1 over the fraction `k_anneal`."""
    fraction = float(knobs["k_anneal"])
    if progress >= fraction:
        return 1.0
    left = 1 - progress / fraction
    if knobs["k_shape"] == "cosine":
        left = (1 - cos(pi * left)) / 2
    return 1 + (float(knobs["k_start"]) - 1) * left


# Inference.


def folded(layers: Layers, scale: float = 1.0) -> dict[str, Tensor]:
    """The same SAE with decoder rows of norm 1, so that a latent's value is what it adds.

    It reads activations that are not multiplied by `scale`.
    """
    encoder, encoder_bias, decoder, decoder_bias = (each.detach() for each in layers)
    norms = decoder.norm(dim=1).clamp(min=1e-8)
    return {
        "W_enc": encoder * norms[:, None],
        "b_enc": encoder_bias * norms / scale,
        "W_dec": decoder / norms[:, None],
        "b_dec": decoder_bias / scale,
    }


def latents_of(
    x: Float[Tensor, "rows d"],
    weights: Mapping[str, Tensor],
    knobs: "Knobs",
    cut: Callable[[int, Tensor], Tensor],
) -> Float[Tensor, "rows m"]:
    """Latents by thresholds: `cut` gives that of a stage, and sees the scores held against it.

    Stages are the LISTA steps, the last encoding, and refinement where it is on.
    """
    W_enc, W_dec = weights["W_enc"], weights["W_dec"]
    centred, steps = x - weights["b_dec"], int(knobs["lista_steps"])
    seen = centred
    for stage in range(steps):
        pre = torch.addmm(weights["b_enc"], seen, W_enc.T).relu()
        latents = pre * (pre > cut(stage, pre))
        seen = seen + float(knobs["lista_eta"]) * (centred - latents @ W_dec)
    pre = torch.addmm(weights["b_enc"], seen, W_enc.T).relu()
    latents = pre * (pre > cut(steps, pre))
    if not knobs["refine"]:
        return latents
    # What a latent explains of the activation that the others leave over.
    alone = (centred - latents @ W_dec) @ W_dec.T + latents
    alone = alone.masked_fill(latents == 0, torch.finfo(x.dtype).min)
    return latents * (alone > cut(steps + 1, alone))


@torch.no_grad()
def thresholds(
    sample: Float[Tensor, "rows d"], weights: Mapping[str, Tensor], knobs: "Knobs", target: float
) -> Float[Tensor, " stages"]:
    """Those by which, on the sample, as many latents are active as were in training.

    After refinement as many as the contract aims at.
    """
    found: list[Tensor] = []

    def cut(stage: int, scores: Tensor) -> Tensor:
        is_refinement = stage > int(knobs["lista_steps"])
        l0 = target if is_refinement else trained_l0(target, knobs)
        at_or_below = scores.numel() - min(int(l0 * len(scores)), scores.numel() - 1)
        found.append(scores.flatten().kthvalue(at_or_below).values)
        return found[-1]

    latents_of(sample, weights, knobs, cut)
    return torch.stack(found)
