"""Set latents of transcoders to values, and see what the language model makes of it.

A latent is set by adding its decoder row, times what its activation is short of the value, to the
MLP's output; everything else in that output stays, also what the transcoder does not explain. At
the first token, which graphs leave to the MLPs, latents have the activation 0. With attention
frozen as on the clean prompt this is the local replacement model of circuit-tracer (Ameisen et al.
2025, "Circuit Tracing"); with nothing frozen it is the original model. Many interventions on one
prompt are computed in one batch. Tests hold both against circuit-tracer.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.models.attention import frozen, patterns, tap_attention
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import attach
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import Transcoder

Place = tuple[int, int, int]
"""Layer, position and index of a latent."""


class Change(NamedTuple):
    """A latent set to a value, whether or not it is active there."""

    place: Place
    value: float


class Outcome(NamedTuple):
    """What came of each intervention."""

    logits: Float[Tensor, "runs vocab"]
    """At the last token."""
    activations: Float[Tensor, "runs watched"]
    """Of the latents watched, as the model computes them: before they are set to anything."""


@torch.inference_mode()
def run_changed(
    lm: LanguageModel,
    transcoders: TranscoderSet,
    tokens: Int[Tensor, " seq"],
    runs: Sequence[Sequence[Change]],
    *,
    watched: Sequence[Place] = (),
    freeze_attention: bool,
) -> Outcome:
    """Outcome of each run's changes on one prompt; a run without changes is the model as it is.

    Raises `HarnessError` for a latent that is not there.
    """
    for place in (*watched, *(change.place for run in runs for change in run)):
        _require(transcoders, place, len(tokens))
    batch = tokens.to(lm.device).expand(len(runs), -1)
    saved = patterns(lm, batch[:1]) if freeze_attention else {}
    seen = torch.zeros(len(runs), len(watched))
    with ExitStack() as hooks:
        hooks.enter_context(tap_attention(lm, frozen(saved)) if freeze_attention else nullcontext())
        for layer, transcoder in enumerate(transcoders.layers):
            work = _Layer.of(layer, runs, watched)
            if work is not None:
                hooks.callback(_attach(lm, layer, transcoder, work, seen))
        logits = lm.hf(batch, use_cache=False, logits_to_keep=1).logits[:, -1]
    return Outcome(logits.float().cpu(), seen)


@torch.inference_mode()
def active_latents(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Int[Tensor, "batch seq"]
) -> list[Float[Tensor, "batch seq latents"]]:
    """Activations of every latent, layer by layer; zero at the first token, as in graphs."""
    found: dict[int, Tensor] = {}

    def read(layer: int) -> Callable[[Tensor], None]:
        def visit(x: Tensor) -> None:
            latents = transcoders.layers[layer].encode(x.float())
            latents[:, 0] = 0
            found[layer] = latents.cpu()

        return visit

    with ExitStack() as hooks:
        for layer in range(len(transcoders.layers)):
            hooks.callback(attach(lm, Hookpoint("mlp_in", layer), read(layer)).remove)
        lm.hf.base_model(tokens.to(lm.device), use_cache=False)
    return [found[layer] for layer in sorted(found)]


class _Layer(NamedTuple):
    """What is set and watched in one layer, as index tensors."""

    set_runs: Int[Tensor, " changes"]
    set_positions: Int[Tensor, " changes"]
    set_latents: Int[Tensor, " changes"]
    values: Float[Tensor, " changes"]
    columns: Int[Tensor, " watched"]
    watched_positions: Int[Tensor, " watched"]
    watched_latents: Int[Tensor, " watched"]

    @classmethod
    def of(
        cls, layer: int, runs: Sequence[Sequence[Change]], watched: Sequence[Place]
    ) -> "_Layer | None":
        """None where the layer has nothing to do."""
        changes = [
            (number, change.place[1], change.place[2], change.value)
            for number, run in enumerate(runs)
            for change in run
            if change.place[0] == layer
        ]
        seen = [(column, p, i) for column, (at, p, i) in enumerate(watched) if at == layer]
        if not changes and not seen:
            return None
        run, position, latent = (torch.tensor([c[i] for c in changes]).long() for i in range(3))
        values = torch.tensor([c[3] for c in changes], dtype=torch.float32)
        return cls(
            run,
            position,
            latent,
            values,
            *(torch.tensor([each[i] for each in seen]).long() for i in range(3)),
        )


def _attach(
    lm: LanguageModel, layer: int, transcoder: Transcoder, work: _Layer, seen: Tensor
) -> Callable[[], None]:
    """Read at the MLP's input, add at its output; returns what takes both hooks away."""
    delta: list[Tensor] = []
    positions = sorted({*work.set_positions.tolist(), *work.watched_positions.tolist()})
    where = torch.zeros(positions[-1] + 1, dtype=torch.long)
    where[positions] = torch.arange(len(positions))

    def read(x: Tensor) -> None:
        latents = transcoder.encode(x[:, positions].float().cpu())
        if positions[0] == 0:
            latents[:, 0] = 0
        seen[:, work.columns] = latents[:, where[work.watched_positions], work.watched_latents]
        at = (work.set_runs, where[work.set_positions], work.set_latents)
        short = work.values - latents[at]
        added = torch.zeros(*latents.shape[:2], x.shape[-1])
        added.index_put_(at[:2], short[:, None] * transcoder.W_dec[at[2]], accumulate=True)
        delta[:] = [added.to(x)]

    def write(out: Tensor) -> Tensor:
        changed = out.clone()
        changed[:, positions] += delta.pop()
        return changed

    first = attach(lm, Hookpoint("mlp_in", layer), read)
    second = attach(lm, Hookpoint("mlp_out", layer), write)

    def remove() -> None:
        first.remove()
        second.remove()

    return remove


def _require(transcoders: TranscoderSet, place: Place, positions: int) -> None:
    for name, index, count in zip(
        ("layer", "position", "latent"),
        place,
        (len(transcoders.layers), positions, transcoders.latents),
        strict=True,
    ):
        if not 0 <= index < count:
            raise HarnessError(f"{name} {index} of latent {place}: valid: 0 to {count - 1}")
