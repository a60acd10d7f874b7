from typing import Any

import pytest

from harness.deviations import detect, is_exact, require_declared
from harness.paper import Setup
from harness.record import HarnessError
from harness.specs import Deviation, ProbingSpec, ReplicationSpec, SaeBenchSpec

SETUP = Setup(
    models=("gpt2", "llama-2-7b"), data="original", hyperparameters={"split": "statement"}
)


def spec(*deviations: Deviation, **changes: Any) -> ReplicationSpec:
    """The authors' own set-up, but for `changes`."""
    experiment: dict[str, Any] = {
        "family": "probing",
        "id": "transfer",
        "model": "gpt2",
        "seeds": [0],
        "data": "original",
        "split": "statement",
        "probes": ["mass_mean"],
        "train": ["cities"],
        "test": ["cities"],
    }
    made = ProbingSpec.model_validate({**experiment, **changes})
    return ReplicationSpec(id="one", paper="two", experiments=(made,), deviations=deviations)


def declared(what: str, here: str) -> Deviation:
    return Deviation.model_validate({"what": what, "paper": "theirs", "here": here, "why": "time"})


def test_the_authors_own_set_up_does_not_deviate() -> None:
    assert detect(SETUP, spec()) == []
    assert is_exact(SETUP, spec())


@pytest.mark.parametrize(
    ("changes", "what", "here"),
    [
        ({"model": "pythia-70m"}, "model", "pythia-70m"),
        ({"data": "generated"}, "dataset", "generated"),
        ({"data": "generated", "sizes": {"cities": 48}}, "scale", "cities: 48"),
        ({"split": "unit"}, "hyperparameter", "split: unit"),
    ],
)
def test_each_kind_of_deviation_is_detected_and_must_be_declared(
    changes: dict[str, Any], what: str, here: str
) -> None:
    found = detect(SETUP, spec(**changes))
    assert (what, here) in [(each.what, each.here) for each in found]
    with pytest.raises(HarnessError, match=f"what: {what}.*{here}"):
        require_declared(SETUP, spec(**changes))
    owned = [declared(each.what, f"we use {each.here}, here") for each in found]
    require_declared(SETUP, spec(*owned, **changes))


def test_weights_in_four_bits_are_a_deviation_of_their_own() -> None:
    setup = SETUP.model_copy(update={"models": ("smollm2-135m-instruct",)})
    found = detect(setup, spec(model="smollm2-135m-instruct"))
    assert [(each.what, each.here) for each in found] == [("model", "Q4_1 weights")]


@pytest.mark.parametrize("name", ["gpt2", "hf:openai-community/gpt2"])
def test_the_hub_name_of_a_registered_model_is_the_same_model(name: str) -> None:
    assert detect(SETUP, spec(model=name)) == []
    hub = SETUP.model_copy(update={"models": ("hf:openai-community/gpt2",)})
    assert detect(hub, spec(model=name)) == []


@pytest.mark.parametrize(
    ("here", "covers"),
    [
        ("cities: 4", True),
        ("neg_cities: 8, cities: 4.", True),
        ("cities: 48", False),
        ("neg_cities: 4", False),
        ("cities: 4.5", False),
    ],
)
def test_a_declaration_covers_whole_words_only(here: str, *, covers: bool) -> None:
    changes = {"data": "generated", "sizes": {"cities": 4}}
    missing = [
        each
        for each in detect(SETUP, spec(**changes))
        if not each.is_declared((declared("scale", here), declared("dataset", "generated")))
    ]
    assert (missing == []) == covers


def test_a_declaration_of_another_kind_does_not_count() -> None:
    with pytest.raises(HarnessError, match="undeclared"):
        require_declared(SETUP, spec(declared("metric", "split: unit"), split="unit"))


def test_what_is_not_judged_needs_no_declaration() -> None:
    assert detect(SETUP, spec(model="pythia-70m", judged=False)) == []


@pytest.mark.parametrize("what", ["model", "dataset", "scale"])
def test_a_declared_deviation_counts_though_the_specs_do_not_show_it(what: str) -> None:
    assert not is_exact(SETUP, spec(declared(what, "otherwise")))


@pytest.mark.parametrize("what", ["hyperparameter", "metric"])
def test_a_hyperparameter_leaves_the_papers_numbers_to_be_judged(what: str) -> None:
    assert is_exact(SETUP, spec(declared(what, "otherwise")))


def test_the_yaml_to_paste_survives_quotes_and_backslashes() -> None:
    from pathlib import Path

    from harness.record import parse_yaml

    line = detect(SETUP, spec(model='path:a "b"\\c'))[0].yaml
    pasted = parse_yaml(f"deviations:\n{line}\n", Path("x.yaml"))["deviations"]
    assert pasted[0]["here"] == 'path:a "b"\\c'


BENCH = Setup(
    models=("synthsae-16k",),
    data="generated",
    hyperparameters={"width": 4096, "samples": 200_000_000, "batch": 1024, "learning_rate": 3e-4},
)


def bench(**changes: Any) -> ReplicationSpec:
    """The authors' own SAEs, but for `changes`."""
    experiment: dict[str, Any] = {
        "family": "sae_bench",
        "id": "saes",
        "model": "synthsae-16k",
        "seeds": [0, 1],
        "architectures": ["batchtopk"],
        **BENCH.hyperparameters,
    }
    made = SaeBenchSpec.model_validate({**experiment, **changes})
    return ReplicationSpec(id="one", paper="two", experiments=(made,))


@pytest.mark.parametrize(
    ("changes", "what", "here", "exact"),
    [
        ({"model": "synthsae-2k"}, "model", "synthsae-2k", False),
        ({"model": "synthsae-16k-v1"}, "model", "synthsae-16k-v1", False),
        ({"samples": 1_000_000}, "scale", "samples: 1000000", False),
        ({"width": 2048}, "scale", "width: 2048", False),
        ({"learning_rate": 1e-3}, "hyperparameter", "learning_rate: 0.001", True),
    ],
)
def test_another_world_or_less_training_leaves_the_papers_numbers_unjudged(
    changes: dict[str, Any], what: str, here: str, *, exact: bool
) -> None:
    assert detect(BENCH, bench()) == []
    assert [(each.what, each.here) for each in detect(BENCH, bench(**changes))] == [(what, here)]
    assert is_exact(BENCH, bench(**changes)) == exact


def test_the_hub_name_of_a_world_is_the_same_world() -> None:
    hub = BENCH.model_copy(update={"models": ("hf:decoderesearch/synth-sae-bench-16k-v2",)})
    assert detect(hub, bench()) == []
    assert detect(hub, bench(model="synthsae-16k-v1")) != []
