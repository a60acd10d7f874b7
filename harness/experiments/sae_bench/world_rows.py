"""What the world itself is like, and what supervised probes make of it."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from harness.experiments.sae_bench.bench import Bench
from harness.experiments.scored import scored
from harness.measurement import Measurement
from harness.saes.probes import probe_f1, train_probes
from harness.worlds.build import largest_cosines
from harness.worlds.world import SyntheticWorld

_SAMPLES, _PROBE, _PROBED = 2, 3, 4
"""Streams of a seed's samples; 0 and 1 train SAEs."""


def world_rows(bench: Bench, seed: int) -> Iterator[Measurement]:
    """L0, superposition and, where it is asked for, the probes' F1."""
    spec, world = bench.spec, bench.world
    sampled = world.generator(seed, _SAMPLES)
    counts = active_counts(world, spec.eval_samples, spec.batch, sampled)
    yield scored(spec, "world_l0", counts, seed=seed, conditions={})
    cosines = largest_cosines(world.vectors)
    yield scored(spec, "mean_max_cosine", cosines, seed=seed, conditions={})
    if spec.probe_samples:
        yield scored(spec, "probe_f1", _probes(bench, seed), seed=seed, conditions={})


def active_counts(
    world: SyntheticWorld, samples: int, batch: int, generator: torch.Generator
) -> Float[Tensor, " samples"]:
    """Active features of each of at least `samples` samples, whole batches."""
    batches = (world.sampler.sample(batch, generator) for _ in range(-(-samples // batch)))
    return torch.cat([batch.offsets.diff() for batch in batches]).double()


def _probes(bench: Bench, seed: int) -> Float[Tensor, " features"]:
    spec, world = bench.spec, bench.world
    probes = train_probes(
        world,
        features=spec.width,
        samples=spec.probe_samples,
        generator=world.generator(seed, _PROBE),
        told=lambda done, total: bench.progress(f"probes, seed {seed}", done, total),
    )
    fresh = world.generator(seed, _PROBED)
    return probe_f1(probes, world, samples=spec.eval_samples, generator=fresh)
