"""Training of one SAE on one world: the loop, its checkpoints, its end.

The loop is SAELens' `SAETrainer` (Adam at a constant rate, gradients clipped to norm 1, a latent
dead after 1,000 batches without firing) with sampling beside it and the quick step where there is
one. On a processor the same seed gives the same SAE, whether or not the run was interrupted.
"""

import time
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor

from harness.saes.architectures import AnySAE, Scale, autotuner, make_sae
from harness.saes.checkpoint import Checkpoint
from harness.saes.processor import keep_freed_memory, training_threads
from harness.saes.steps import choose_step
from harness.saes.topk_step import TopKStep
from harness.specs.sae_bench import Architecture
from harness.worlds.stream import Batch, batches
from harness.worlds.world import SyntheticWorld

DEAD_AFTER = 1000
"""Batches without firing, as in SAELens."""
_NORM_SAMPLES = 16_384
"""Samples whose mean norm sets the scale, where an architecture wants activations scaled."""

Told = Callable[[int, int], None]
"""Called with the steps done and their number."""


class Recipe(NamedTuple):
    """How one SAE is trained."""

    architecture: Architecture
    width: int
    l0: float
    samples: int
    batch: int
    learning_rate: float
    seed: int
    dtype: Literal["float32", "bfloat16"] = "float32"
    """`bfloat16`: autocast, where the step is SAELens' own."""

    @property
    def steps(self) -> int:
        """Batches until `samples` are seen."""
        return ceil(self.samples / self.batch)

    def scale(self, d_in: int) -> Scale:
        """What an architecture's settings depend on."""
        return Scale(d_in, self.width, self.l0, self.steps)


def train(
    world: SyntheticWorld,
    recipe: Recipe,
    *,
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 60.0,
    told: Told = lambda _done, _total: None,
) -> AnySAE:
    """The trained SAE. With a `checkpoint` the run goes on where an interrupted one stood.

    The file is written every `checkpoint_seconds`. Raises `HarnessError` where it is damaged or
    belongs to another run.
    """
    keep_freed_memory()
    run = _Run(world, recipe)
    if checkpoint is not None and checkpoint.exists():
        run.resume(Checkpoint.read(checkpoint, run.name))
    written = time.monotonic()
    with training_threads(), batches(world, recipe.batch, run.samples) as drawn:
        while run.done < recipe.steps:
            batch = next(drawn)
            run.step(batch)
            told(run.done, recipe.steps)
            is_due = time.monotonic() - written >= checkpoint_seconds
            if checkpoint is not None and is_due and batch.state is not None:
                run.snapshot(batch.state).write(checkpoint)
                written = time.monotonic()
    return run.finish()


class _Run:
    """The state of one training run between two steps."""

    def __init__(self, world: SyntheticWorld, recipe: Recipe) -> None:
        scale = recipe.scale(world.entry.hidden_dim)
        self.name = f"{world.built.sha256} {recipe}"
        self.done = 0
        self.sae = make_sae(recipe.architecture, scale, seed=recipe.seed).to(world.device)
        self.samples = world.generator(recipe.seed, 0)
        self._factor = _norm_factor(world, recipe, self.sae)
        self._step = choose_step(
            self.sae,
            autotuner(recipe.architecture, scale),
            autocast=recipe.dtype == "bfloat16",
        )
        self._adam = torch.optim.Adam(
            self._step.parameters, lr=recipe.learning_rate, fused=world.device.type != "mps"
        )
        self._since = torch.zeros(recipe.width, dtype=torch.long, device=world.device)

    def step(self, batch: Batch) -> None:
        """Learn from one batch."""
        x = batch.hidden * self._factor if self._factor != 1.0 else batch.hidden
        fired = self._step(x, self._since > DEAD_AFTER, self.done)
        torch.nn.utils.clip_grad_norm_(self._step.parameters, 1.0)
        self._adam.step()
        self._since.add_(1).masked_fill_(fired.latents, 0)
        self.done += 1

    def finish(self) -> AnySAE:
        """The SAE as it reads activations that are not scaled."""
        if self._factor != 1.0:
            self.sae.fold_activation_norm_scaling_factor(self._factor)
        return self.sae.requires_grad_(requires_grad=False)

    def snapshot(self, generator: UInt8[Tensor, " bytes"]) -> Checkpoint:
        """Everything that the steps to come depend on, with the generator's state."""
        step = self._step
        picked = step.pick.threshold if isinstance(step, TopKStep) and step.pick else 0.0
        tuner = step.coefficients.tuner
        tensors = {**dict(self._tensors()), "generator": generator}
        return Checkpoint(self.name, self.done, picked, tuner, tensors)

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        yield "since", self._since
        for name, buffer in self.sae.named_buffers():
            yield f"buffer.{name}", buffer
        for place, parameter in enumerate(self._step.parameters):
            yield f"parameter.{place}", parameter
            for name, value in self._adam.state[parameter].items():
                yield f"{name}.{place}", value

    def resume(self, saved: Checkpoint) -> None:
        """Go on behind a snapshot of the same run."""
        tensors = saved.tensors
        self.done = saved.done
        self._since.copy_(tensors["since"])
        self.samples.set_state(tensors["generator"])
        with torch.no_grad():
            for name, buffer in self.sae.named_buffers():
                buffer.copy_(tensors[f"buffer.{name}"])
            for place, parameter in enumerate(self._step.parameters):
                parameter.copy_(tensors[f"parameter.{place}"])
                self._adam.state[parameter] = {
                    name: tensors[f"{name}.{place}"].to(parameter.device)
                    for name in ("step", "exp_avg", "exp_avg_sq")
                }
        self._step.coefficients.tuner = saved.tuner
        if isinstance(self._step, TopKStep) and self._step.pick is not None:
            self._step.pick.threshold = saved.threshold


def _norm_factor(world: SyntheticWorld, recipe: Recipe, sae: AnySAE) -> float:
    """What activations are multiplied by so that their mean norm is the root of their number."""
    if sae.cfg.normalize_activations != "expected_average_only_in":
        return 1.0
    sample = world.draw(_NORM_SAMPLES, world.generator(recipe.seed, 1))
    return world.entry.hidden_dim**0.5 / float(sample.norm(dim=1).mean())
