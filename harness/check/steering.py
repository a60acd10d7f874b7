"""What can be wrong with an experiment of the family `steering`: sizes, layers, sets."""

from collections.abc import Iterator
from functools import partial
from typing import assert_never

from harness.check.caught import caught
from harness.check.layers import layer_count
from harness.data.behaviours import questions
from harness.data.catalogue import get_set
from harness.data.topics import NEUTRAL_PROMPTS
from harness.specs import SteeringSpec
from harness.specs.steering import Choices, Reviews, Topics, Truth

STEERED_SET = "sp_en_trans"
"""The set whose statements are judged under steering."""


def steering_problems(experiment: SteeringSpec) -> Iterator[str]:
    """Everything that can be told without the model's weights and tokenizer."""
    yield from _layer(experiment)
    match experiment.task:
        case Choices():
            yield from _choices(experiment.task)
        case Topics():
            yield from _topics(experiment, experiment.task)
        case Truth():
            yield from _truth(experiment.task)
        case Reviews():
            return
        case _:
            assert_never(experiment.task)


def _layer(experiment: SteeringSpec) -> Iterator[str]:
    layers = layer_count(experiment.model)
    if layers is not None and experiment.layer != "validation" and experiment.layer >= layers:
        yield f"layer: {experiment.layer}: {experiment.model} has layers 0 to {layers - 1}"


def _choices(task: Choices) -> Iterator[str]:
    for behaviour in task.behaviours:
        yield from caught(partial(questions, behaviour, part="train", size=task.train, seed=0))
        yield from caught(partial(questions, behaviour, part="test", size=task.test, seed=0))


def _topics(experiment: SteeringSpec, task: Topics) -> Iterator[str]:
    most = len(NEUTRAL_PROMPTS)
    if task.prompts > most:
        yield f"task.prompts: {task.prompts}; valid: 4 to {most}"
    if experiment.layer == "validation" and max(experiment.coefficients) <= 0:
        yield "coefficients: the layer is chosen by positive ones; give at least one"


def _truth(task: Truth) -> Iterator[str]:
    for joined in task.train:
        for name in joined.split("+"):
            yield from caught(get_set, name)
            if name == STEERED_SET:
                yield f"task.train: {name} is what is steered; fit on other sets"
