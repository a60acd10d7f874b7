from typing import Any

import pytest
from pydantic import TypeAdapter

from harness.check.layers import layer_count
from harness.models.studied import studied, why_not_at_hand
from harness.record import HarnessError
from harness.specs import ExperimentSpec
from harness.specs.worlds import WORLDS

FAMILIES: dict[str, dict[str, Any]] = {
    "sae_bench": {
        "architectures": ["topk"],
        "width": 16,
        "samples": 5000,
        "learning_rate": 1e-3,
    },
    "attention": {},
}


def experiment(family: str, model: str) -> ExperimentSpec:
    given = {"family": family, "id": "x", "seeds": [0, 1], "model": model, **FAMILIES[family]}
    return TypeAdapter[ExperimentSpec](ExperimentSpec).validate_python(given)


@pytest.mark.parametrize("world", WORLDS)
def test_every_world_is_at_hand_and_has_neither_layers_nor_rounded_weights(world: str) -> None:
    bench = experiment("sae_bench", world)
    assert (studied(bench).id, studied(bench).quantization) == (world, None)
    assert why_not_at_hand(bench) is None
    assert layer_count(world) == 0


def test_a_world_goes_by_the_name_of_its_published_weights_too() -> None:
    found = studied(experiment("sae_bench", "synthsae-16k"))
    assert found.source == WORLDS["synthsae-16k"].hub
    assert studied(experiment("sae_bench", "synthsae-2k")).source == "synthsae-2k"


def test_models_and_worlds_are_not_taken_for_one_another() -> None:
    with pytest.raises(HarnessError, match=r"world 'gpt2' is unknown.*synthsae-16k"):
        studied(experiment("sae_bench", "gpt2"))
    with pytest.raises(HarnessError, match=r"model 'synthsae-2k' is unknown.*gpt2"):
        studied(experiment("attention", "synthsae-2k"))
    assert studied(experiment("attention", "gpt2")).source == "hf:openai-community/gpt2"
