from typing import Any

import pytest

from harness.check.steering import STEERED_SET, steering_problems
from harness.experiments.steering.truth_prompts import STEERED_SET as OF_THE_EXPERIMENT
from harness.specs import SteeringSpec

CHOICES = {"kind": "choices", "behaviours": ["thrift"]}
TOPICS = {"kind": "topics", "topics": ["weddings"]}
TRUTH = {"kind": "truth", "train": ["cities"], "directions": ["mass_mean"], "depths": [0.2, 0.35]}


def problems(task: dict[str, Any], **more: Any) -> list[str]:
    given = {"family": "steering", "id": "x", "model": "smollm2-135m-instruct", "seeds": [0]}
    return list(steering_problems(SteeringSpec.model_validate({**given, "task": task, **more})))


@pytest.mark.parametrize("task", [CHOICES, TOPICS, TRUTH, {"kind": "reviews"}])
def test_the_defaults_of_every_task_are_possible(task: dict[str, Any]) -> None:
    assert problems(task) == []


def test_more_questions_than_there_are_is_said_with_the_number_there_are() -> None:
    (problem,) = problems({**CHOICES, "test": 400})
    assert "thrift_test: size 400 is not possible" in problem


def test_more_openings_than_there_are_is_said() -> None:
    assert problems({**TOPICS, "prompts": 1000})[0].startswith("task.prompts: 1000; valid: 4 to")


def test_a_layer_cannot_be_chosen_by_negative_coefficients_alone() -> None:
    assert "positive" in problems(TOPICS, coefficients=[-1.0, 0.0])[0]
    assert problems(TOPICS, coefficients=[-1.0, 0.0], layer=3) == []


def test_unknown_sets_and_the_steered_one_are_refused() -> None:
    assert "cites" in problems({**TRUTH, "train": ["cites"]})[0]
    assert "fit on other sets" in problems({**TRUTH, "train": ["cities+sp_en_trans"]})[0]
    assert STEERED_SET == OF_THE_EXPERIMENT


def test_depths_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="the first depth comes first"):
        problems({**TRUTH, "depths": [0.5, 0.2]})
