"""Run one experiment. The only place that knows which family has which code."""

from collections.abc import Iterator
from typing import assert_never

from harness.experiments.context import Context
from harness.measurement import Measurement
from harness.specs import ExperimentSpec, ProbingSpec


def run_experiment(spec: ExperimentSpec, context: Context) -> Iterator[Measurement]:
    """The measurements of one experiment, in a fixed order."""
    match spec:
        case ProbingSpec():
            from harness.experiments import probing

            return probing.run(spec, context)
        case _:
            assert_never(spec)
