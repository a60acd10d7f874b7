from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from harness.metrics import get_metric
from harness.specs import SaeBenchSpec
from harness.specs.sae_bench import SAE_CONTROLS, SAE_METRICS
from harness.specs.worlds import WORLDS

GIVEN: dict[str, Any] = {
    "family": "sae_bench",
    "id": "x",
    "model": "synthsae-16k",
    "seeds": [0, 1],
    "architectures": ["batchtopk", "standard"],
    "relative_l0": [0.8, 1.0],
    "width": 4096,
    "samples": 200_000_000,
    "learning_rate": 3e-4,
}


def spec(**changes: Any) -> SaeBenchSpec:
    return SaeBenchSpec.model_validate({**GIVEN, **changes})


def test_relative_l0_of_the_papers_world_gives_the_papers_l0() -> None:
    assert [spec().target_l0(each) for each in (0.8, 1.0)] == [20, 25]


def test_no_quantity_is_promised_twice_and_every_one_has_a_metric() -> None:
    promised = list(spec(probe_samples=10_000).produces())
    assert max(Counter(map(str, promised)).values()) == 1
    assert all(get_metric(each.metric) for each in promised)


def test_rows_of_one_metric_bear_the_same_conditions() -> None:
    keys: dict[str, set[frozenset[str]]] = {}
    for quantity in spec(probe_samples=10_000).produces():
        keys.setdefault(quantity.metric, set()).add(frozenset(quantity.where))
    assert {metric: len(found) for metric, found in keys.items()} == dict.fromkeys(keys, 1)


def test_every_metric_of_an_sae_has_both_controls_and_facts_of_the_world_have_none() -> None:
    controls: dict[str, set[str | None]] = {}
    for quantity in spec(probe_samples=10_000).produces():
        controls.setdefault(quantity.metric, set()).add(quantity.control)
    assert {metric for metric, found in controls.items() if len(found) > 1} == set(SAE_METRICS)
    assert controls["mcc"] == {None, *SAE_CONTROLS}
    assert controls["world_l0"] == controls["probe_f1"] == {None}


def test_nothing_is_promised_of_what_is_not_asked_for() -> None:
    def asked(**changes: Any) -> set[str]:
        return {each.metric for each in spec(**changes).produces()}

    assert asked(probe_samples=10_000) - asked() == {"probe_f1"}
    diagnosed = {"absorption_rate", "absorption_cosine", "hedging_cosine", "feature_recovery"}
    assert asked() - asked(diagnostics=False) == diagnosed


def test_an_architecture_is_titled_by_its_label_its_name_or_its_class() -> None:
    given = ["topk", {"name": "my.saes:MyConfig"}, {"name": "topk", "label": "topk-wide"}]
    titles = {each.where["architecture"] for each in spec(architectures=given).produces()
              if each.metric == "mcc"}  # fmt: skip
    assert titles == {"topk", "myconfig", "topk-wide"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architectures": ["topk", {"name": "topk", "config": {"k": 3}}]}, "give a label"),
        ({"architectures": []}, "at least 1 item"),
        ({"relative_l0": [1.0, 1.0]}, "stands twice"),
        ({"relative_l0": [0.0]}, "greater than 0"),
        ({"probe_samples": -1}, "greater than or equal to 0"),
    ],
)
def test_settings_without_meaning_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        spec(**changes)


def test_on_another_world_the_experiment_takes_that_worlds_scale() -> None:
    moved = spec().moved(model="synthsae-1k", data="generated")
    world = WORLDS["synthsae-1k"]
    assert (moved.model, moved.width, moved.samples) == (world.id, world.width, world.samples)
    assert moved.relative_l0 == spec().relative_l0
    stayed = spec(samples=5000).moved(model="synthsae-16k", data="generated")
    assert stayed == spec(samples=5000)
