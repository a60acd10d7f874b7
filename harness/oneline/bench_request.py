"""What `harness bench sae` was asked for, as a spec of the family: refused before anything runs."""

import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from pydantic import ValidationError

from harness.check.sae_bench import WHOLE_L0, sae_bench_problems
from harness.record import HarnessError
from harness.specs import SaeBenchSpec
from harness.specs.sae_bench import Architecture
from harness.specs.worlds import World, resolve_world

_OPTIONS = {
    "architectures": "--arch",
    "relative_l0": "--l0",
    "width": "--width",
    "samples": "--samples",
    "learning_rate": "--lr",
    "batch": "--batch",
    "eval_samples": "--eval-samples",
    "seeds": "--seeds",
}
_SIZES = {"d_sae": "--width", "d_in": "--world"}
"""Fields of a configuration that an option sets."""


class Request(NamedTuple):
    """Options as they were given; `None`, or none of them, stands for the world's own."""

    world: str
    architectures: Sequence[str]
    l0: Sequence[float] = ()
    samples: int | None = None
    seeds: int = 3
    width: int | None = None
    learning_rate: float | None = None
    batch: int = 1024
    eval_samples: int = 100_000
    config: Sequence[str] = ()
    """`key=value`, for every architecture."""


def spec_of(request: Request) -> SaeBenchSpec:
    """Raises `HarnessError` with every problem found, by option, and the valid choices."""
    world = resolve_world(request.world)
    config = dict(map(_setting, request.config))
    wanted = [float(l0) for l0 in request.l0 or (world.l0,)]
    rate = world.learning_rate if request.learning_rate is None else request.learning_rate
    given = {
        "family": "sae_bench",
        "id": "bench",
        "model": world.id,
        "judged": False,
        "seeds": range(request.seeds),
        "architectures": [{"name": name, "config": config} for name in request.architectures],
        "relative_l0": [l0 / world.l0 for l0 in wanted],
        "width": world.width if request.width is None else request.width,
        "samples": world.samples if request.samples is None else request.samples,
        "learning_rate": rate,
        "batch": request.batch,
        "eval_samples": request.eval_samples,
        "diagnostics": False,
        "world_facts": False,
    }
    try:
        spec = SaeBenchSpec.model_validate(given)
    except ValidationError as error:
        raise HarnessError("\n".join(dict.fromkeys(_refusals(error)))) from error
    problems = [*_levels(spec, wanted)] or [_by_option(each) for each in sae_bench_problems(spec)]
    if problems:
        raise HarnessError("\n".join(problems))
    return spec


def require_settings(spec: SaeBenchSpec, world: World) -> None:
    """Raises `HarnessError` for what SAELens' own configurations refuse. Loads torch."""
    from harness.saes.architectures import Scale, make_sae

    for architecture, relative in product(spec.architectures, spec.relative_l0):
        scale = Scale(world.hidden_dim, spec.width, spec.target_l0(relative), spec.samples)
        make_sae(architecture, scale, seed=0)


def _setting(text: str) -> tuple[str, Any]:
    """A field of a SAELens configuration; its value is JSON, or else a word."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise HarnessError(f"--config {text!r}: valid: KEY=VALUE, such as aux_loss_coefficient=0.1")
    if key in _SIZES:
        raise HarnessError(f"--config {key}: valid: {_SIZES[key]}, which sets it")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _refusals(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        place = problem["loc"]
        if "config" in place:
            yield (
                f"--config {place[place.index('config') + 1]}: valid: true, false, a finite "
                "number, a word, or a list of whole numbers"
            )
        else:
            option = _OPTIONS.get(str(place[0]), "") if place else "--arch"
            message = problem["msg"].removeprefix("Value error, ").removeprefix("architectures: ")
            yield f"{option}: {message.removesuffix('; give a label')}"


def _levels(spec: SaeBenchSpec, wanted: Sequence[float]) -> Iterator[str]:
    """L0s that no SAE of that width, or of that architecture, can have."""
    for l0 in wanted:
        if l0 >= spec.width:
            yield f"--l0 {l0:g}: only {spec.width} latents; valid: under {spec.width}"
    for architecture, l0 in product(spec.architectures, wanted):
        if architecture.name in WHOLE_L0 and not l0.is_integer():
            yield f"--l0 {l0:g}: {architecture.name} takes a whole number of latents"


def _by_option(problem: str) -> str:
    """A problem of a spec, its key replaced by the option."""
    key, _, rest = problem.partition(": ")
    return f"{_OPTIONS.get(key.partition('[')[0], key)}: {rest}"


def jobs_in(spec: SaeBenchSpec) -> list[tuple[int, Architecture, float]]:
    """Seed, architecture and wanted L0 of each SAE: a seed of everything before the next."""
    levels = [spec.target_l0(relative) for relative in spec.relative_l0]
    return list(product(spec.seeds, spec.architectures, levels))
