"""The family `sae_bench`: SAEs trained on a synthetic world and held against its true features."""

from collections.abc import Iterator
from io import BytesIO
from itertools import product

import numpy as np

from harness.experiments.context import Context
from harness.experiments.sae_bench.bench import Bench
from harness.experiments.sae_bench.journal import Journal
from harness.experiments.sae_bench.unit import Unit, measure_unit
from harness.experiments.sae_bench.world_rows import world_rows
from harness.measurement import Measurement
from harness.models.device import pick_device
from harness.record import write_bytes
from harness.specs import SaeBenchSpec
from harness.specs.worlds import resolve_world
from harness.worlds.world import open_world


def run(spec: SaeBenchSpec, context: Context) -> Iterator[Measurement]:
    """Rows of the world, then of each SAE with its controls and diagnostics, seed by seed.

    What an interrupted run had finished is taken from its journal; the SAE in hand goes on from
    its checkpoint.
    """
    world = open_world(
        resolve_world(spec.model), pick_device(context.device), progress=context.progress
    )
    context.note_world(spec.model, world.built)
    journal = Journal(context.artifact(f"unfinished-{world.built.sha256[:8]}"))
    bench = Bench(spec, world, journal, context.progress)
    for seed in spec.seeds:
        if spec.world_facts:
            name = f"world-{seed}"
            yield from journal.rows(name) or journal.keep(name, world_rows(bench, seed))
        for architecture, relative in product(spec.architectures, spec.relative_l0):
            unit = Unit(architecture, relative, seed)
            yield from journal.rows(unit.name) or journal.keep(unit.name, measure_unit(bench, unit))
    _save_maps(bench, context)
    journal.remove()


def _save_maps(bench: Bench, context: Context) -> None:
    """Maps of cosines of the first seed's SAEs, for the report."""
    spec, arrays = bench.spec, dict[str, np.ndarray[tuple[int, int], np.dtype[np.float32]]]()
    for architecture, relative in product(spec.architectures, spec.relative_l0):
        unit = Unit(architecture, relative, spec.seeds[0])
        key = f"{architecture.title}.{spec.target_l0(relative):g}.map"
        arrays[key] = np.load(bench.journal.path(unit.name, "npy"), allow_pickle=False)
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
    write_bytes(context.artifact("cosines.npz"), buffer.getvalue())
