"""The family `steering`: change the residual stream along a direction and see what becomes of it.

Every effect stands beside that of a random direction of equal norm, of coefficient 0 and of the
negated vector, and beside the perplexity of texts on other matters. Sinks are never changed.
"""

from collections.abc import Iterator
from typing import assert_never

from harness.experiments.context import Context
from harness.experiments.steering import choices, reviews, topics, truth
from harness.measurement import Measurement
from harness.models.language_model import load_model
from harness.record import HarnessError
from harness.specs import SteeringSpec
from harness.specs.steering import Choices, Reviews, Topics, Truth


def run(spec: SteeringSpec, context: Context) -> Iterator[Measurement]:
    """Load the model and do the experiment's task.

    Raises `HarnessError` for a model that cannot be had or a layer that it does not have.
    """
    lm = load_model(spec.model, device=context.device, dtype=spec.dtype)
    context.note_model(spec.model, lm)
    if spec.layer != "validation" and spec.layer >= lm.n_layers:
        raise HarnessError(
            f"experiment {spec.id}: layer {spec.layer}: {spec.model} has layers 0 to "
            f"{lm.n_layers - 1}"
        )
    match spec.task:
        case Choices():
            yield from choices.run(spec, spec.task, lm, context)
        case Reviews():
            yield from reviews.run(spec, spec.task, lm, context)
        case Topics():
            yield from topics.run(spec, spec.task, lm, context)
        case Truth():
            yield from truth.run(spec, spec.task, lm, context)
        case _:
            assert_never(spec.task)
