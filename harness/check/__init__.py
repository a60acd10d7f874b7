"""Say what is wrong with a replication before anything runs.

Reads both specs and what they name, and writes nothing there; the authors' data files, which are
small, are fetched into the cache to see that they can be had.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import assert_never

from harness.check.attention import attention_problems
from harness.check.caught import caught
from harness.check.circuit_tracing import circuit_tracing_problems
from harness.check.claims import claim_problems
from harness.check.imported import imported_problems
from harness.check.numbers import impossible
from harness.check.patching import patching_problems
from harness.check.places import Misplaced, Places
from harness.check.probing import probing_problems, unknown_sets
from harness.check.sae_bench import sae_bench_problems
from harness.check.steering import steering_problems
from harness.deviations import require_declared
from harness.frozen import require_frozen
from harness.models.studied import studied, why_not_at_hand
from harness.record import HarnessError, read_text
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
    """Raises `HarnessError` with every problem found, one a line: `file:line: key: message`."""
    about_paper: list[Misplaced] = []
    problems = list(_each_experiment(replication, _names))
    if not problems:
        about_paper = list(impossible(replication.paper))
        own = _each_experiment(replication, _own, _model)
        problems = [*own, *_deviations(replication), *claim_problems(replication)]
    lines = [
        *caught(require_frozen, replication),
        *_placed(replication, f"{replication.name}/replication.yaml", problems),
        *_placed(replication, f"papers/{replication.paper.id}/paper.yaml", about_paper),
    ]
    if lines:
        raise HarnessError("\n".join(lines))


def _placed(replication: Replication, file: str, problems: list[Misplaced]) -> Iterator[str]:
    if problems:
        places = Places(file, read_text(replication.project / file))
        yield from map(places.say, problems)


def _deviations(replication: Replication) -> Iterator[Misplaced]:
    for told in caught(require_declared, replication.paper.setup, replication.spec):
        yield Misplaced(("deviations",), told)


def _each_experiment(
    replication: Replication, *questions: Callable[[ExperimentSpec], Iterator[str]]
) -> Iterator[Misplaced]:
    for place, experiment in enumerate(replication.spec.experiments):
        for question in questions:
            for told in question(experiment):
                keys = ("experiments", place, *_field(experiment, told))
                yield Misplaced(keys, f"experiment {experiment.id}: {told}")


def _field(experiment: ExperimentSpec, told: str) -> tuple[str, ...]:
    """The field of the experiment that a problem begins with, where it does."""
    first = re.match(r"\w+", told)
    named = first is not None and first[0] in type(experiment).model_fields
    return (first[0],) if first is not None and named else ()


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
