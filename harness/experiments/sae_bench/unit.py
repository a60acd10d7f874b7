"""One SAE of an experiment: trained, measured beside its controls, explained."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

import numpy as np

from harness.experiments.sae_bench.bench import Bench
from harness.measurement import Condition, Measurement
from harness.record import write_bytes
from harness.saes.alignment import Alignment, align
from harness.saes.architectures import AnySAE
from harness.saes.controls import random_init, true_dictionary
from harness.saes.diagnosis import (
    absorption_cosine,
    absorption_rate,
    count,
    family_pairs,
    hedging_cosine,
    recovery_by_band,
)
from harness.saes.evaluation import evaluate
from harness.saes.training import Recipe, train
from harness.specs.sae_bench import Architecture

_EVALUATED, _CONTROL, _DIAGNOSED = 5, 6, 7
"""Streams of a seed's samples."""
_CONTROL_SHARE = 10
"""Controls are measured on this part of the samples: they are far from what they are held to."""


class Unit(NamedTuple):
    """Which SAE."""

    architecture: Architecture
    relative_l0: float
    seed: int

    @property
    def name(self) -> str:
        """A name for its files."""
        return f"{self.architecture.title}-{self.relative_l0:g}-{self.seed}"


def measure_unit(bench: Bench, unit: Unit) -> Iterator[Measurement]:
    """Rows of the trained SAE, of both controls, of its diagnostics."""
    recipe = _recipe(bench, unit)
    checkpoint = bench.journal.path(unit.name, "safetensors")
    what = f"{unit.architecture.title}, L0 {recipe.l0:g}, seed {unit.seed}"
    sae = train(
        bench.world,
        recipe,
        checkpoint=checkpoint,
        told=lambda done, total: bench.progress(what, done, total),
    )
    aligned = align(sae, bench.world)
    if unit.seed == bench.spec.seeds[0]:
        _save_map(bench, unit, aligned)
    yield from _metrics(bench, unit, sae, None)
    scale = recipe.scale(bench.world.entry.hidden_dim)
    untrained = random_init(unit.architecture, scale, bench.world, seed=unit.seed)
    yield from _metrics(bench, unit, untrained, "random_init")
    truth = true_dictionary(unit.architecture, scale, bench.world)
    yield from _metrics(bench, unit, truth, "true_dictionary")
    if bench.spec.diagnostics:
        yield from _diagnostics(bench, unit, sae, aligned)
    checkpoint.unlink(missing_ok=True)


def _recipe(bench: Bench, unit: Unit) -> Recipe:
    spec = bench.spec
    return Recipe(
        architecture=unit.architecture,
        width=spec.width,
        l0=spec.target_l0(unit.relative_l0),
        samples=spec.samples,
        batch=spec.batch,
        learning_rate=spec.learning_rate,
        seed=unit.seed,
        dtype=spec.dtype,
    )


def _metrics(bench: Bench, unit: Unit, sae: AnySAE, control: str | None) -> Iterator[Measurement]:
    spec = bench.spec
    part = 1 if control is None else _CONTROL_SHARE
    samples = max(spec.eval_samples // part, spec.batch)
    stream = _EVALUATED if control is None else _CONTROL
    found = evaluate(
        sae,
        bench.world,
        samples=samples,
        batch=spec.batch,
        generator=bench.world.generator(unit.seed, stream),
    )
    for metric, value in found.items():
        yield _row(bench, unit, metric, value, n=samples, control=control)


def _diagnostics(
    bench: Bench, unit: Unit, sae: AnySAE, aligned: Alignment
) -> Iterator[Measurement]:
    spec, world = bench.spec, bench.world
    pairs = family_pairs(world, spec.width)
    samples = max(spec.eval_samples // 2, spec.batch)
    counts = count(
        sae,
        aligned,
        world,
        samples=samples,
        batch=spec.batch,
        generator=world.generator(unit.seed, _DIAGNOSED),
    )
    for metric, by_depth in (
        ("absorption_rate", absorption_rate(counts, pairs, world.sampler.structure.depth)),
        ("absorption_cosine", absorption_cosine(aligned, pairs)),
        ("hedging_cosine", hedging_cosine(aligned, pairs)),
    ):
        for depth, value in by_depth.items():
            yield _row(bench, unit, metric, value, n=samples, more={"depth": depth})
    for band, value in recovery_by_band(counts).items():
        yield _row(bench, unit, "feature_recovery", value, n=samples, more={"band": band})


def _row(
    bench: Bench,
    unit: Unit,
    metric: str,
    value: float,
    *,
    n: int,
    control: str | None = None,
    more: Mapping[str, Condition] | None = None,
) -> Measurement:
    where = bench.spec.where(unit.architecture, unit.relative_l0)
    return Measurement(
        experiment=bench.spec.id,
        metric=metric,
        value=value,
        n=n,
        seed=unit.seed,
        conditions={**where, **(more or {})},
        control=control,
    )


def _save_map(bench: Bench, unit: Unit, aligned: Alignment) -> None:
    buffer = BytesIO()
    np.save(buffer, aligned.map().cpu().numpy().astype(np.float32), allow_pickle=False)
    write_bytes(bench.journal.path(unit.name, "npy"), buffer.getvalue())
