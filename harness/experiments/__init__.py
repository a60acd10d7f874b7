"""Run one experiment. The only place that knows which family has which code."""

from collections.abc import Iterator
from typing import assert_never

from harness.experiments.context import Context
from harness.measurement import Measurement
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


def run_experiment(spec: ExperimentSpec, context: Context) -> Iterator[Measurement]:
    """The measurements of one experiment, in a fixed order."""
    match spec:
        case ProbingSpec():
            from harness.experiments import probing

            return probing.run(spec, context)
        case AttentionSpec():
            from harness.experiments import attention

            return attention.run(spec, context)
        case PatchingSpec():
            from harness.experiments import patching

            return patching.run(spec, context)
        case SteeringSpec():
            from harness.experiments import steering

            return steering.run(spec, context)
        case SaeBenchSpec():
            from harness.experiments import sae_bench

            return sae_bench.run(spec, context)
        case CircuitTracingSpec():
            from harness.experiments import circuit_tracing

            return circuit_tracing.run(spec, context)
        case ImportedSpec():
            from harness.experiments import imported

            return imported.run(spec, context)
        case _:
            assert_never(spec)
