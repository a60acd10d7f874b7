from pathlib import Path
from typing import Any

import pytest

from harness.check.circuit_tracing import MOST_FEATURES, circuit_tracing_problems
from harness.record import write_text
from harness.specs import CircuitTracingSpec
from tests.specs.test_circuit_tracing import FACTS, NAMED, TEXAS, spec


def problems(**changes: Any) -> list[str]:
    return list(circuit_tracing_problems(spec(**changes)))


def named(latent: dict[str, int] | None = None, **change: Any) -> dict[str, Any]:
    """One prompt whose one latent is changed."""
    nodes = {"node": [latent or {"layer": 0, "position": 1, "latent": 3}]}
    changed = {"prompt": "one", "factors": {"node": -2}, **change}
    prompts = {"one": {"text": "The capital", "supernodes": nodes}}
    return {"kind": "named", "prompts": prompts, "changes": {"down": changed}}


def test_what_is_possible_has_no_problem() -> None:
    assert problems() == []
    assert problems(task={**FACTS, "steps": "one_step"}) == []
    assert problems(task=named(), motif_graphs=1) == []
    assert problems(task=named(), motif_graphs=1, data="original") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"transcoders": "capitals-topk61"}, "did you mean 'capitals-topk16'"),
        (
            {"transcoders": "smollm2-topk32"},
            "are of smollm2-135m-instruct, not of capitals-4l; valid: capitals-topk16, ",
        ),
        ({"transcoders": "capitals-clt16"}, "are cross_layer; valid: capitals-topk16, "),
        ({"transcoders": "hf:no-slash"}, "path:DIRECTORY"),
        ({"max_features": MOST_FEATURES + 1}, f"valid: up to {MOST_FEATURES}"),
        ({"motif_graphs": 41}, "41 of only 40 prompts"),
        ({"task": {**FACTS, "prompts": 501}}, "there are 500 of two_step"),
        (
            {"task": {**FACTS, "steps": "one_step", "prompts": 51}},
            "there are 50 of one_step",
        ),
        ({"data": "original"}, "valid: generated"),
        ({"max_features": 60, "supernode_size": 11}, "valid: 1 to 10"),
        ({"factor": 1}, "leaves supernodes as they are"),
        ({"foil_factor": 0}, "puts nothing in"),
    ],
)
def test_a_setting_that_cannot_be_or_says_nothing_is_named(
    changes: dict[str, Any], words: str
) -> None:
    (problem,) = problems(**changes)
    assert words in problem


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (named({"layer": 0, "position": 1, "latent": 1024}), "capitals-topk16 has 0 to 1023"),
        (named(factors={"node": 1}), "changes nothing"),
        (named(factors={}), "changes nothing"),
    ],
)
def test_a_latent_that_is_not_there_and_a_change_of_nothing_are_named(
    task: dict[str, Any], words: str
) -> None:
    (problem,) = problems(task=task, motif_graphs=1)
    assert words in problem


def test_a_layer_beyond_a_model_in_a_folder_is_named(tmp_path: Path) -> None:
    set_of(tmp_path / "set", f"path:{tmp_path}")
    write_text(tmp_path / "config.json", '{"num_hidden_layers": 3}')
    local = {"model": f"path:{tmp_path}", "transcoders": f"path:{tmp_path}/set", "motif_graphs": 1}
    (problem,) = problems(task=named({**TEXAS, "layer": 3}), **local)
    assert (
        problem == f"task.prompts.one.supernodes.node: layer 3: path:{tmp_path} has layers 0 to 2"
    )
    assert problems(task=named({**TEXAS, "layer": 2}), **local) == []


def set_of(folder: Path, model: str) -> None:
    write_text(folder / "config.yaml", f"model_name: {model}\nmodel_kind: transcoder_set\n")


def test_a_folder_must_hold_a_set_that_says_it_is_the_models(tmp_path: Path) -> None:
    ref = {"transcoders": f"path:{tmp_path}"}
    (absent,) = problems(**ref)
    assert "no config.yaml there" in absent
    set_of(tmp_path, "gpt2")
    (other,) = problems(**ref)
    assert "model_name: gpt2; capitals-4l is wanted" in other
    set_of(tmp_path, "capitals-4l")
    assert problems(**ref) == []
    set_of(tmp_path, "google/gemma-2-2b")
    assert problems(model="gemma-2-2b", **ref) == []


def test_a_set_on_the_hub_is_asked_for_by_its_own_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (problem,) = problems(transcoders="hf:org/set@v2")
    assert problem.startswith("transcoders: hf:org/set is not in the local cache")


def test_an_empty_prompt_and_an_empty_supernode_are_named() -> None:
    task = {
        **NAMED,
        "prompts": {**NAMED["prompts"], "bare": {"text": " ", "supernodes": {"n": []}}},
    }
    given = CircuitTracingSpec.model_validate({**spec().model_dump(), "task": task})
    found = [each for each in circuit_tracing_problems(given) if ".bare." in each]
    assert found == ["task.prompts.bare.text: empty", "task.prompts.bare.supernodes.n: no latents"]
