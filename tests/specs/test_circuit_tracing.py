from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from harness.metrics import get_metric
from harness.metrics.circuit_tracing import CIRCUIT_TRACING
from harness.specs import CircuitTracingSpec, ReplicationSpec
from harness.specs.circuit_tracing import GRAPH_SCORES, RANDOM_FEATURES, RANDOM_TRANSCODERS

FACTS: dict[str, Any] = {"kind": "facts", "steps": "two_step", "prompts": 40}
TEXAS = {"layer": 16, "position": 9, "latent": 25}
NAMED: dict[str, Any] = {
    "kind": "named",
    "prompts": {
        "dallas": {
            "text": "The capital of the state containing Dallas is",
            "supernodes": {"texas": [TEXAS], "say-austin": [{**TEXAS, "layer": 23}]},
            "tokens": [" Austin", " Sacramento"],
        },
        "oakland": {
            "text": "The capital of the state containing Oakland is",
            "supernodes": {"california": [TEXAS]},
        },
    },
    "changes": {
        "texas-down": {"prompt": "dallas", "factors": {"texas": -2}},
        "swap": {
            "prompt": "dallas",
            "factors": {"texas": -2},
            "donors": {"oakland": {"california": 2}},
        },
    },
}


def spec(**changes: Any) -> CircuitTracingSpec:
    given: dict[str, Any] = {
        "family": "circuit_tracing",
        "id": "x",
        "model": "capitals-4l",
        "transcoders": "capitals-topk16",
        "seeds": [0],
        "task": FACTS,
    }
    return CircuitTracingSpec.model_validate({**given, **changes})


@pytest.mark.parametrize("task", [FACTS, {**FACTS, "steps": "one_step"}, NAMED])
def test_no_quantity_is_promised_twice_and_every_one_has_a_metric(task: dict[str, Any]) -> None:
    promised = list(spec(task=task).produces([0, 1]))
    assert max(Counter(map(str, promised)).values()) == 1
    assert all(get_metric(each.metric) for each in promised)


def test_every_metric_of_the_family_is_promised_by_one_task_or_the_other() -> None:
    promised = {q.metric for task in (FACTS, NAMED) for q in spec(task=task).produces([0])}
    assert {metric.name for metric in CIRCUIT_TRACING} <= promised


def test_every_intervention_has_random_features_beside_it_and_the_clean_run_has_none() -> None:
    for task in (FACTS, NAMED):
        under = [q for q in spec(task=task).produces() if "intervention" in q.where]
        real = {str(q) for q in under if q.control is None and q.where["intervention"] != "none"}
        beside = {str(q.model_copy(update={"control": None})) for q in under if q.control}
        assert real == beside
        assert {q.control for q in under} == {None, RANDOM_FEATURES}


def test_one_step_has_no_bridge_and_exchanges_the_subject() -> None:
    def supernodes(steps: str) -> set[object]:
        produced = spec(task={**FACTS, "steps": steps}).produces()
        return {q.where["supernode"] for q in produced if q.metric == "path_share"}

    assert supernodes("two_step") - supernodes("one_step") == {"bridge", "hop"}
    assert spec().task.swapped == "bridge"
    assert spec(task={**FACTS, "steps": "one_step"}).task.swapped == "subject"


def test_random_transcoders_stand_beside_the_scores_of_graphs_and_nothing_else() -> None:
    controlled = {q.metric for q in spec().produces() if q.control == RANDOM_TRANSCODERS}
    assert controlled == set(GRAPH_SCORES)
    without = list(spec(motif_graphs=0).produces())
    assert not [q for q in without if q.control == RANDOM_TRANSCODERS]
    assert {q.metric for q in spec().produces()} - {q.metric for q in without} == {
        "ffl_excess",
        "ffl_percentile",
        "ffl_z",
    }


def test_a_named_change_is_measured_on_its_own_prompt_only() -> None:
    changed = [
        q.where for q in spec(task=NAMED).produces() if q.where.get("intervention") == "swap"
    ]
    assert {where["prompt"] for where in changed} == {"dallas"}
    assert {where.get("token") for where in changed} == {" Austin", " Sacramento", None}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": "houston"}, "prompt 'houston'; valid: dallas, oakland"),
        ({"prompt": "dallas", "factors": {"utah": 0}}, "'utah'; valid: texas, say-austin"),
        ({"prompt": "dallas", "donors": {"oakland": {"texas": 2}}}, "'texas'; valid: california"),
    ],
)
def test_a_change_of_what_is_not_named_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        spec(task={**NAMED, "changes": {"odd": change}})


@pytest.mark.parametrize(
    "changes",
    [{"task": {**FACTS, "prompts": 9}}, {"motif_draws": 199}, {"node_threshold": 0}],
)
def test_settings_without_meaning_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="greater than"):
        spec(**changes)


def test_on_another_model_the_transcoders_are_that_models() -> None:
    moved = spec().moved(model="smollm2-135m-instruct", data="generated")
    assert (moved.model, moved.transcoders) == ("smollm2-135m-instruct", "smollm2-topk32")
    own = spec(transcoders="path:mine")
    assert own.moved(model="capitals-4l", data="generated") == own
    elsewhere = spec().moved(model="gpt2", data="generated")
    assert (elsewhere.model, elsewhere.transcoders) == ("gpt2", "capitals-topk16")


def test_the_family_tells_the_union_which_spec_it_is() -> None:
    given = {"id": "r", "paper": "p", "experiments": [spec().model_dump(mode="json")]}
    assert isinstance(ReplicationSpec.model_validate(given).experiments[0], CircuitTracingSpec)
