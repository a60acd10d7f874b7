from typing import Any

import pytest

from harness.check.attention import attention_problems
from harness.specs import AttentionSpec


def problems(**changes: Any) -> list[str]:
    given: dict[str, Any] = {"family": "attention", "id": "x", "model": "m", "seeds": [0]}
    return list(attention_problems(AttentionSpec.model_validate({**given, **changes})))


def test_the_defaults_are_fine() -> None:
    assert problems() == []
    assert problems(texts=2, ablation="mean") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"texts": 1}, "no interval"),
        ({"ablation": "mean", "patterns": []}, "nothing is ablated"),
        ({"ablated_sequences": 11}, "valid: 2 to 10"),
    ],
)
def test_a_setting_that_leaves_nothing_to_judge_is_named(
    changes: dict[str, Any], words: str
) -> None:
    (problem,) = problems(**changes)
    assert words in problem
