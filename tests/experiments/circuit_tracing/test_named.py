"""The task `named` on random weights: every number is that of a direct run."""

from pathlib import Path
from typing import Any

import pytest
import torch

from harness.circuits.changes import Change, Place, active_latents, run_changed
from harness.experiments import circuit_tracing
from harness.experiments.context import Context
from harness.models.language_model import LanguageModel, load_model
from harness.models.prompts import token_id
from harness.models.tokenization import tokenize
from harness.record import HarnessError
from harness.specs import CircuitTracingSpec
from harness.specs.circuit_tracing import RANDOM_FEATURES
from harness.transcoders.files import Config, write_config, write_layer
from harness.transcoders.sets import TranscoderSet, load_set
from tests.circuits.random_transcoders import K, random_layers
from tests.experiments.circuit_tracing.conftest import Ran, run

TEXTS = {"one": "hello wo", "other": "yellow w"}
RUNS = {"replacement": True, "original": False}
FACTORS = {"down": -2.0, "swap": 0.0}


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> LanguageModel:
    return load_model(f"path:{tiny_model}", device="cpu")


@pytest.fixture(scope="module")
def random_set_folder(tiny: LanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random-set")
    write_config(folder, Config(model_name=tiny.ref, scan="random", activation="topk", k=K))
    for layer, transcoder in enumerate(random_layers(tiny)):
        write_layer(folder, layer, transcoder)
    return folder


@pytest.fixture(scope="module")
def own_set(random_set_folder: Path) -> TranscoderSet:
    found = load_set(f"path:{random_set_folder}")
    assert isinstance(found, TranscoderSet)
    return found


def strongest(tiny: LanguageModel, own_set: TranscoderSet, text: str) -> dict[str, list[Place]]:
    """By name, latents that are active: two of one token, and one of another."""
    active = active_latents(tiny, own_set, torch.tensor(tokenize(tiny, [text])))
    first = active[0][0, 3].topk(2).indices.tolist()
    last = int(active[1][0, 6].argmax())
    return {"low": [(0, 3, latent) for latent in first], "high": [(1, 6, last)]}


@pytest.fixture(scope="module")
def nodes(tiny: LanguageModel, own_set: TranscoderSet) -> dict[str, dict[str, list[Place]]]:
    return {name: strongest(tiny, own_set, text) for name, text in TEXTS.items()}


@pytest.fixture(scope="module")
def asked(
    tiny: LanguageModel, random_set_folder: Path, nodes: dict[str, dict[str, list[Place]]]
) -> CircuitTracingSpec:
    def latents(places: list[Place]) -> list[dict[str, int]]:
        return [dict(zip(("layer", "position", "latent"), each, strict=True)) for each in places]

    prompts = {
        name: {
            "text": text,
            "supernodes": {node: latents(places) for node, places in nodes[name].items()},
            "tokens": ["o", "w"] if name == "one" else [],
        }
        for name, text in TEXTS.items()
    }
    return spec(
        tiny,
        random_set_folder,
        {
            "prompts": prompts,
            "changes": {
                "down": {"prompt": "one", "factors": {"low": FACTORS["down"]}},
                "swap": {
                    "prompt": "one",
                    "factors": {"low": FACTORS["swap"]},
                    "donors": {"other": {"high": 3.0}},
                },
            },
        },
    )


def spec(lm: LanguageModel, folder: Path, task: dict[str, Any]) -> CircuitTracingSpec:
    return CircuitTracingSpec.model_validate(
        {
            "family": "circuit_tracing",
            "id": "named",
            "model": lm.ref,
            "transcoders": f"path:{folder}",
            "seeds": [0],
            "task": {"kind": "named", **task},
            "max_features": 60,
            "random_draws": 2,
            "motif_graphs": 0,
        }
    )


@pytest.fixture(scope="module")
def found(asked: CircuitTracingSpec, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(asked, tmp_path_factory.mktemp("named"))


def test_a_run_measures_exactly_what_its_spec_promises(found: Ran) -> None:
    promised = list(found.asked.produces())
    for quantity in promised:
        assert sum(row.matches(quantity) for row in found.rows) == 1, quantity
    assert len(found.rows) == len(promised)
    for change in ("down", "swap"):
        of_change = [row for row in found.rows if row.conditions.get("intervention") == change]
        assert {row.control for row in of_change} == {None, RANDOM_FEATURES}


def test_a_single_prompt_has_no_error_of_sampling(found: Ran) -> None:
    assert {(row.stderr, row.n) for row in found.rows} == {(0.0, 1)}


@pytest.mark.parametrize("run_", RUNS)
def test_numbers_are_those_of_a_direct_run(
    found: Ran,
    tiny: LanguageModel,
    own_set: TranscoderSet,
    nodes: dict[str, dict[str, list[Place]]],
    run_: str,
) -> None:
    tokens = {name: torch.tensor(tokenize(tiny, [text])[0]) for name, text in TEXTS.items()}
    clean = {name: active_latents(tiny, own_set, ids[None]) for name, ids in tokens.items()}

    def value(name: str, place: Place) -> float:
        return float(clean[name][place[0]][0, place[1], place[2]])

    low = nodes["one"]["low"]
    runs = {
        "none": [],
        "down": [Change(each, FACTORS["down"] * value("one", each)) for each in low],
        "swap": [
            *(Change(each, 0.0) for each in low),
            *(Change(each, 3 * value("other", each)) for each in nodes["other"]["high"]),
        ],
    }
    watched = [*low, *nodes["one"]["high"]]
    direct = run_changed(
        tiny,
        own_set,
        tokens["one"],
        list(runs.values()),
        watched=watched,
        freeze_attention=RUNS[run_],
    )
    chances = direct.logits.double().softmax(-1)
    for number, change in enumerate(runs):
        where = {"prompt": "one", "intervention": change, "run": run_}
        for token in ("o", "w"):
            expected = float(chances[number, token_id(tiny, token)])
            got = found.value("token_probability", token=token, **where)
            assert got == pytest.approx(expected, rel=1e-5)
        ratios = direct.activations[number] / torch.tensor([value("one", w) for w in watched])
        for node, part in (("low", ratios[:2]), ("high", ratios[2:])):
            got = found.value("mean_latent_activation", supernode=node, **where)
            assert got == pytest.approx(float(part.mean()), abs=1e-5)
    moved = [
        found.value("token_probability", token="o", run=run_, prompt="one", intervention=c)
        for c in runs
    ]
    assert len({round(each, 12) for each in moved}) == 3, "the control: changes change something"


@pytest.mark.parametrize("run_", RUNS)
def test_nothing_changed_leaves_every_latent_at_its_activation(found: Ran, run_: str) -> None:
    for name in TEXTS:
        for node in ("low", "high"):
            where = {"prompt": name, "intervention": "none", "run": run_, "supernode": node}
            assert found.value("mean_latent_activation", **where) == pytest.approx(1, abs=1e-5)


def test_random_latents_do_something_else_and_are_drawn_by_the_seed(
    found: Ran, asked: CircuitTracingSpec, tmp_path: Path
) -> None:
    where = {"prompt": "one", "intervention": "down", "run": "original", "token": "o"}
    own = found.value("token_probability", **where)
    random = found.value("token_probability", RANDOM_FEATURES, **where)
    assert own != random
    again = run(asked, tmp_path / "again")
    assert [row.value for row in again.rows] == [row.value for row in found.rows]
    other = run(asked.model_copy(update={"seeds": (7,)}), tmp_path / "other")
    assert other.value("token_probability", **where) == own
    assert other.value("token_probability", RANDOM_FEATURES, **where) != random


def test_graphs_of_every_prompt_are_checked(found: Ran) -> None:
    for name in TEXTS:
        assert found.value("linear_identity_error", prompt=name) < 1e-4
        assert found.value("base_logit_error", prompt=name) < 1e-5
        assert 0 < found.value("replacement_score", prompt=name) < 1


def test_what_was_used_is_noted(found: Ran, own_set: TranscoderSet) -> None:
    used = found.context.models[found.asked.transcoders]
    assert (used.sha256, used.origin) == (own_set.sha256, "made elsewhere")
    assert found.context.data["named prompts"].statements == len(TEXTS)
    assert not [row for row in found.rows if row.metric.startswith("transcoder_")]


@pytest.mark.parametrize(
    ("latent", "said"),
    [
        ({"layer": 3, "position": 1, "latent": 0}, "layer 3; valid: 0 to 2"),
        ({"layer": 0, "position": 9, "latent": 0}, "position 9; valid: 0 to 8"),
        ({"layer": 0, "position": 1, "latent": 64}, "latent 64; valid: 0 to 63"),
    ],
)
def test_a_latent_that_is_not_there_is_told_with_its_key(
    tiny: LanguageModel,
    random_set_folder: Path,
    tmp_path: Path,
    latent: dict[str, int],
    said: str,
) -> None:
    prompts = {"one": {"text": TEXTS["one"], "supernodes": {"gone": [latent]}}}
    wrong = spec(tiny, random_set_folder, {"prompts": prompts})
    with pytest.raises(HarnessError, match=f"prompts.one.supernodes.gone: {said}"):
        list(circuit_tracing.run(wrong, Context(tmp_path / "x", device="cpu")))


def test_a_word_of_several_tokens_cannot_be_measured(
    tiny: LanguageModel, random_set_folder: Path, tmp_path: Path
) -> None:
    prompts = {"one": {"text": TEXTS["one"], "tokens": ["ow"]}}
    wrong = spec(tiny, random_set_folder, {"prompts": prompts})
    with pytest.raises(HarnessError, match="'ow' is 2 tokens"):
        list(circuit_tracing.run(wrong, Context(tmp_path / "x", device="cpu")))
