"""The family `circuit_tracing`: attribution graphs, and what changing their supernodes does.

Follows Lindsey et al. 2025, "On the Biology of a Large Language Model", and circuit-tracer's
tutorial on Gemma-2-2B. Graphs are circuit-tracer's; interventions are computed in the local
replacement model and in the original one, beside random latents of equal activation.
"""

from collections.abc import Iterator
from typing import assert_never

from harness.circuits.replacement import open_replacement
from harness.experiments.circuit_tracing.bench import Bench
from harness.experiments.circuit_tracing.facts import fact_rows
from harness.experiments.circuit_tracing.layers import layer_rows
from harness.experiments.circuit_tracing.named import named_rows
from harness.experiments.context import Context
from harness.measurement import Measurement
from harness.models.language_model import load_model
from harness.record import HarnessError
from harness.specs import CircuitTracingSpec
from harness.specs.circuit_tracing import Facts, Named
from harness.transcoders.sets import CrossLayerSet, load_set


def run(spec: CircuitTracingSpec, context: Context) -> Iterator[Measurement]:
    """Quality of the transcoders, then graphs and interventions on the task's prompts."""
    lm = load_model(spec.model, device=context.device, dtype=spec.dtype)
    transcoders = load_set(spec.transcoders, device=context.device, progress=context.progress)
    if isinstance(transcoders, CrossLayerSet):
        raise HarnessError(
            f"transcoders: {spec.transcoders} writes across layers; supernodes are set in sets "
            "with one transcoder a layer, and `harness trace` makes graphs of either"
        )
    context.note_model(spec.model, lm)
    context.note_transcoders(transcoders)
    yield from layer_rows(spec, transcoders)
    bench = Bench(spec, open_replacement(lm, transcoders), transcoders, context)
    match spec.task:
        case Facts():
            yield from fact_rows(bench, spec.task)
        case Named():
            yield from named_rows(bench, spec.task)
        case _:
            assert_never(spec.task)
