"""What can be wrong with an experiment of the family `circuit_tracing`: transcoders and sizes.

Whether a set from elsewhere has the model's layers is known only once it is read; the run tells.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from harness.check.caught import caught
from harness.check.layers import layer_count
from harness.data.capitals import CITIES, COUNTRIES
from harness.models.availability import why_not_hub
from harness.models.registry import resolve
from harness.problems import did_you_mean
from harness.record import HarnessError, parse_yaml, read_text
from harness.specs import CircuitTracingSpec
from harness.specs.circuit_tracing import Facts, Latent, Named, fitting
from harness.specs.transcoders import RECIPES, is_elsewhere

MOST_FEATURES = 16_384
"""The edges between as many are a gibibyte of float32."""
_ELSEWHERE = ("hf:ORG/NAME[@revision]", "path:DIRECTORY")


def circuit_tracing_problems(experiment: CircuitTracingSpec) -> Iterator[str]:
    """Everything that can be told without the weights of the model and of its transcoders."""
    yield from _transcoders(experiment)
    yield from _sizes(experiment)
    match experiment.task:
        case Facts():
            yield from _facts(experiment, experiment.task)
        case Named():
            yield from _named(experiment, experiment.task)
        case _:
            assert_never(experiment.task)


def _transcoders(experiment: CircuitTracingSpec) -> Iterator[str]:
    name, model = experiment.transcoders, resolve(experiment.model).id
    own = [recipe.id for recipe in fitting(model)]
    if name.startswith("hf:") and is_elsewhere(name):
        repo, _, revision = name.removeprefix("hf:").partition("@")
        missing = why_not_hub(repo, revision or "main", config="config.yaml")
        if missing:
            yield f"transcoders: {missing}"
    elif is_elsewhere(name):
        yield from (f"transcoders: {each}" for each in _folder(name, experiment.model))
    elif name not in RECIPES:
        choices = [*own, *_ELSEWHERE]
        yield f"transcoders: {name!r} are unknown{did_you_mean(name, choices)}"
    elif name not in own:
        found, choices = RECIPES[name], ", ".join((*own, *_ELSEWHERE))
        told = f"of {found.model}, not of {model}" if found.model != model else found.kind
        yield f"transcoders: {name} are {told}; valid: {choices}"


def _folder(ref: str, model: str) -> Iterator[str]:
    """A set in a local folder that is not there, or that says it is another model's."""
    file = Path(ref.removeprefix("path:")).expanduser() / "config.yaml"
    if ref.startswith(f"path:{Path.home()}/"):
        yield f"{ref}: write path:~/…, for others need not know whose it is"
    if not file.is_file():
        yield f"{ref}: no config.yaml there; name a folder in circuit-tracer's format"
        return
    yield from caught(_require_model, file, model)


def _require_model(file: Path, model: str) -> None:
    entry = resolve(model)
    names = (model, entry.id, entry.source, entry.source.removeprefix("hf:"))
    found = parse_yaml(read_text(file), file).get("model_name")
    if found not in names:
        raise HarnessError(f"{file}: model_name: {found}; {model} is wanted")


def _sizes(experiment: CircuitTracingSpec) -> Iterator[str]:
    task = experiment.task
    most = len(task.prompts) if isinstance(task, Named) else task.prompts
    if experiment.max_features > MOST_FEATURES:
        yield f"max_features: {experiment.max_features}; valid: up to {MOST_FEATURES}"
    if experiment.motif_graphs > most:
        yield f"motif_graphs: {experiment.motif_graphs} of only {most} prompts; valid: 0 to {most}"


def _facts(experiment: CircuitTracingSpec, task: Facts) -> Iterator[str]:
    """Prompts that do not exist, supernodes as large as the graph, changes that change nothing."""
    if experiment.data != "generated":
        yield f"data: {experiment.data}: the prompts of facts are made here; valid: generated"
    there = COUNTRIES if task.steps == "one_step" else COUNTRIES * CITIES
    if task.prompts > there:
        yield f"task.prompts: {task.prompts}; there are {there} of {task.steps}"
    most = experiment.max_features // len(task.supernodes)
    if experiment.supernode_size > most:
        yield (
            f"supernode_size: {experiment.supernode_size}; {len(task.supernodes)} supernodes are "
            f"among {experiment.max_features} features; valid: 1 to {most}"
        )
    if experiment.factor == 1:
        yield "factor: 1 leaves supernodes as they are; valid: any other"
    if experiment.foil_factor == 0:
        yield "foil_factor: 0 puts nothing in; valid: any other"


def _named(experiment: CircuitTracingSpec, task: Named) -> Iterator[str]:
    """Latents that the model or its transcoders do not have, and changes of nothing."""
    for name, prompt in task.prompts.items():
        if not prompt.text.strip():
            yield f"task.prompts.{name}.text: empty"
        for supernode, latents in prompt.supernodes.items():
            for problem in _latents(experiment, latents):
                yield f"task.prompts.{name}.supernodes.{supernode}: {problem}"
    for name, change in task.changes.items():
        donated = any(change.donors.values())
        if not donated and all(factor == 1 for factor in change.factors.values()):
            yield f"task.changes.{name}: changes nothing; give a factor other than 1, or a donor"


def _latents(experiment: CircuitTracingSpec, latents: tuple[Latent, ...]) -> Iterator[str]:
    layers = layer_count(experiment.model)
    recipe = RECIPES.get(experiment.transcoders)
    if not latents:
        yield "no latents"
    for each in latents:
        if layers is not None and each.layer >= layers:
            yield f"layer {each.layer}: {experiment.model} has layers 0 to {layers - 1}"
        if recipe is not None and each.latent >= recipe.latents:
            yield f"latent {each.latent}: {recipe.id} has 0 to {recipe.latents - 1}"
