"""Say what is wrong with a replication before anything runs.

Reads both specs and what they name, and writes nothing there; the authors' data files, which are
small, are fetched into the cache to see that they can be had.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import assert_never

from harness.check.attention import attention_problems
from harness.check.caught import caught
from harness.check.circuit_tracing import circuit_tracing_problems
from harness.check.claims import claim_problems
from harness.check.imported import imported_problems
from harness.check.numbers import impossible_numbers
from harness.check.patching import patching_problems
from harness.check.probing import probing_problems, unknown_sets
from harness.check.sae_bench import sae_bench_problems
from harness.check.steering import steering_problems
from harness.deviations import require_declared
from harness.models.studied import studied, why_not_at_hand
from harness.record import HarnessError
from harness.replication import Replication
from harness.specs import (
    AttentionSpec,
    CircuitTracingSpec,
    ExperimentSpec,
    ImportedSpec,
    PatchingSpec,
    ProbingSpec,
    SaeBenchSpec,
    SteeringSpec,
)


def check(replication: Replication) -> None:
    """Raises `HarnessError` with every problem found, one a line."""
    problems = list(_each_experiment(replication, _names))
    if not problems:
        own = _each_experiment(replication, _own, _model)
        about_paper = (*impossible_numbers(replication.paper), *claim_problems(replication))
        problems = [*own, *_deviations(replication), *about_paper]
    if problems:
        where = f"{replication.name}/replication.yaml"
        raise HarnessError("\n".join(f"{where}: {problem}" for problem in problems))


def _deviations(replication: Replication) -> Iterator[str]:
    yield from caught(require_declared, replication.paper.setup, replication.spec)


def _each_experiment(
    replication: Replication, *questions: Callable[[ExperimentSpec], Iterator[str]]
) -> Iterator[str]:
    for experiment in replication.spec.experiments:
        for question in questions:
            yield from (f"experiment {experiment.id}: {each}" for each in question(experiment))


def _names(experiment: ExperimentSpec) -> Iterator[str]:
    """Nothing else can be asked about what is not known."""
    yield from caught(studied, experiment)
    if isinstance(experiment, ProbingSpec):
        yield from unknown_sets(experiment)


def _own(experiment: ExperimentSpec) -> Iterator[str]:
    """What the family alone can tell."""
    match experiment:
        case ProbingSpec():
            yield from probing_problems(experiment)
        case AttentionSpec():
            yield from attention_problems(experiment)
        case PatchingSpec():
            yield from patching_problems(experiment)
        case SteeringSpec():
            yield from steering_problems(experiment)
        case SaeBenchSpec():
            yield from sae_bench_problems(experiment)
        case CircuitTracingSpec():
            yield from circuit_tracing_problems(experiment)
        case ImportedSpec():
            yield from imported_problems(experiment)
        case _:
            assert_never(experiment)


def _model(experiment: ExperimentSpec) -> Iterator[str]:
    if experiment.model.startswith(f"path:{Path.home()}/"):
        yield f"model: {experiment.model}: write path:~/…, for others need not know whose it is"
    missing = why_not_at_hand(experiment)
    if missing:
        yield f"model: {missing}"
