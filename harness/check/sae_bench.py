"""What can be wrong with an experiment of the family `sae_bench`: sizes, samples, architectures.

Fields of a SAELens configuration are known only once sae_lens is loaded, and classes named by
their import path only once that is imported; the run tells of those.
"""

import re
from collections.abc import Iterator
from math import ceil, floor

from harness.problems import did_you_mean
from harness.specs import SaeBenchSpec
from harness.specs.sae_bench import ARCHITECTURES, Architecture
from harness.specs.worlds import World, resolve_world

WHOLE_L0 = ("topk", "matching_pursuit")
"""Architectures that pick a number of latents, the same for every sample."""
_IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def sae_bench_problems(experiment: SaeBenchSpec) -> Iterator[str]:
    """Settings that no SAE can have, or that would leave nothing to judge."""
    world = resolve_world(experiment.model)
    if experiment.data != "generated":
        yield f"data: {experiment.data}: samples are drawn from the world; valid: generated"
    yield from _sizes(experiment, world)
    yield from _samples(experiment, world)
    for place, architecture in enumerate(experiment.architectures):
        for problem in _architecture(experiment, architecture, world):
            yield f"architectures[{place}]: {problem}"


def _sizes(experiment: SaeBenchSpec, world: World) -> Iterator[str]:
    if not 2 <= experiment.width <= world.features:
        yield (
            f"width: {experiment.width}: {world.id} has {world.features} features; "
            f"valid: 2 to {world.features}"
        )
    for relative in experiment.relative_l0:
        target = experiment.target_l0(relative)
        if target >= experiment.width:
            yield (
                f"relative_l0: {relative:g} is L0 {target:g} on {world.id}, and only "
                f"{experiment.width} latents; valid: under {experiment.width / world.l0:g}"
            )


def _samples(experiment: SaeBenchSpec, world: World) -> Iterator[str]:
    """Too few to train, to see rare latents fire, to fit a probe, or for an interval."""
    if experiment.samples < experiment.batch:
        yield f"samples: {experiment.samples} fill no batch of {experiment.batch}"
    for key, found, least, of in (
        ("eval_samples", experiment.eval_samples, 10 * experiment.width, "latent"),
        ("probe_samples", experiment.probe_samples, 10 * world.hidden_dim, "dimension"),
    ):
        may_be_none = key == "probe_samples"
        if found < least and not (may_be_none and found == 0):
            none = "0 (no probes), or " if may_be_none else ""
            yield f"{key}: {found}; ten for each {of} are needed; valid: {none}{least} and more"
    if experiment.probe_samples and not experiment.world_facts:
        yield "probe_samples: probes are among the world's facts, and `world_facts` is false"
    if experiment.judged and len(experiment.seeds) == 1:
        yield (
            "seeds: one SAE a setting gives no interval, so that no claim could be decided; give "
            "2 or more, or mark the experiment `judged: false`"
        )


def _architecture(
    experiment: SaeBenchSpec, architecture: Architecture, world: World
) -> Iterator[str]:
    name = architecture.name
    if name not in ARCHITECTURES and not _IMPORT_PATH.fullmatch(name):
        yield f"{name!r} is unknown{did_you_mean(name, list(ARCHITECTURES))}, MODULE:CONFIG_CLASS"
    for relative in experiment.relative_l0 if name in WHOLE_L0 else ():
        target = experiment.target_l0(relative)
        if not target.is_integer():
            near = (count for count in (floor(target), ceil(target)) if count)
            valid = " or ".join(f"{count / world.l0:.9g} (L0 {count})" for count in near)
            yield (
                f"{name} needs a whole L0, and relative_l0 {relative:g} is L0 {target:g} on "
                f"{world.id}; nearest: {valid}"
            )
    if "matryoshka_widths" in architecture.config:
        yield from _levels(architecture.config["matryoshka_widths"], experiment.width)


def _levels(widths: object, width: int) -> Iterator[str]:
    """The last level, the whole width, is not named."""
    levels: tuple[int, ...] = widths if isinstance(widths, tuple) else ()
    rising = all(low < high for low, high in zip((0, *levels), (*levels, width), strict=True))
    if not (levels and rising):
        yield (
            f"config.matryoshka_widths: {widths}; valid: a list of rising numbers from 1 to "
            f"{width - 1}; the whole width {width} is added"
        )
