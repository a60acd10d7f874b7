"""The whole family on planted activations: what is planted must be found, and nothing else.

The cloud of a set lies along one truth direction at layer 1; in negated sets it points the other
way. At the other layers there is only noise, so the choice of the layer is a planted truth too.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.data.catalogue import load_statements
from harness.data.statements import StatementSet
from harness.experiments import probing
from harness.experiments.context import Context
from harness.experiments.probing import activations
from harness.experiments.probing.rows import Split, split_rows
from harness.measurement import Measurement, Quantity
from harness.models.hookpoints import Hookpoint
from harness.models.registry import ModelEntry
from harness.specs import ProbingSpec

D, PLANTED_LAYER, LAYERS = 24, 1, 3
SETS = ("sp_en_trans", "neg_sp_en_trans")
BOTH = "+".join(SETS)


def truth_of() -> dict[str, tuple[bool, str]]:
    """Text → label and set, for every size used here."""
    loaded = [load_statements(name, size=200) for name in SETS]
    return {one.text: (one.label, each.name) for each in loaded for one in each.statements}


class Planted:
    """As `extract` gives activations: Gaussian noise, plus truth at the planted layer."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.known = texts, truth_of()

    def __getitem__(self, hookpoint: Hookpoint) -> Tensor:
        return torch.stack([self.one(text, hookpoint.layer) for text in self.texts])

    def one(self, text: str, layer: int) -> Tensor:
        seed = int.from_bytes(hashlib.sha256(f"{text} {layer}".encode()).digest()[:7])
        x = torch.randn(D, generator=torch.Generator().manual_seed(seed))
        label, name = self.known[text]
        if layer == PLANTED_LAYER:
            polarity = -1 if name.startswith("neg_") else 1
            x[0] += 3 * polarity * (1 if label else -1)  # truth, turned round by negation
            x[1] += 2 * (1 if label else -1)  # truth, whatever the polarity
        return x


class Model:
    """What is read of a language model, its activations apart."""

    sha256, n_layers = "0" * 64, LAYERS
    entry = ModelEntry(id="planted", source="path:none")


def extract(_model: object, texts: Sequence[str], *_: object, **__: object) -> Planted:
    return Planted(texts)


@pytest.fixture(scope="module")
def planted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(activations, "load_model", lambda *_, **__: Model())
        patched.setattr(activations, "extract", extract)
        yield


def spec(**changes: Any) -> ProbingSpec:
    given: dict[str, Any] = {
        "family": "probing",
        "id": "transfer",
        "model": "smollm2-135m-instruct",
        "seeds": [0, 1],
        "sizes": dict.fromkeys(SETS, 200),
        "probes": ["mass_mean", "logistic_regression", "ccs", "lda", "mass_mean_covariance"],
        "train": [SETS[0], BOTH],
        "test": list(SETS),
        "sweep": [{"probe": "mass_mean", "train": SETS[0], "test": SETS[0]}],
        "angles": [list(SETS)],
        "pictures": [SETS[0]],
    }
    return ProbingSpec.model_validate({**given, **changes})


def run(asked: ProbingSpec, tmp_path: Path) -> list[Measurement]:
    return list(probing.run(asked, Context(tmp_path / asked.id, device="cpu", use_cache=False)))


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="module")
def rows(planted: None, artifacts: Path) -> list[Measurement]:  # noqa: ARG001
    return run(spec(), artifacts)


def mean(rows: list[Measurement], metric: str, control: str | None = None, **where: Any) -> float:
    quantity = Quantity(metric=metric, where={"layer": "chosen", **where}, control=control)
    return fmean(row.value for row in rows if row.matches(quantity))


def accuracy(rows: list[Measurement], probe: str, train: str, test: str, **more: Any) -> float:
    return mean(rows, "accuracy_binary", probe=probe, train=train, test=test, **more)


def test_the_layer_that_holds_the_truth_is_chosen(rows: list[Measurement]) -> None:
    assert mean(rows, "chosen_layer") == PLANTED_LAYER


@pytest.mark.parametrize(
    "probe", ["mass_mean", "logistic_regression", "lda", "mass_mean_covariance"]
)
def test_a_probe_of_one_polarity_is_fooled_by_the_other_and_both_repair_it(
    rows: list[Measurement], probe: str
) -> None:
    affirmative, negated = SETS
    assert accuracy(rows, probe, affirmative, affirmative) > 0.97
    assert accuracy(rows, probe, affirmative, negated) < 0.4
    assert accuracy(rows, probe, BOTH, negated) > 0.9
    assert mean(rows, "auroc", probe=probe, train=BOTH, test=negated) > 0.95
    assert mean(rows, "auroc", probe=probe, train=affirmative, test=negated) < 0.3


def test_contrast_consistent_search_needs_both_polarities(rows: list[Measurement]) -> None:
    assert accuracy(rows, "ccs", BOTH, SETS[0]) > 0.9
    trained = {row.conditions["train"] for row in rows if row.conditions.get("probe") == "ccs"}
    assert trained == {BOTH}


@pytest.fixture(scope="module")
def many_shuffles(planted: None, artifacts: Path) -> list[Measurement]:  # noqa: ARG001
    # One axis carries half of the variance, so one shuffle may find it either way round.
    changes = {"layer": PLANTED_LAYER, "probes": ["mass_mean"], "pictures": []}
    return run(spec(seeds=list(range(16)), **changes), artifacts)


@pytest.mark.parametrize("train", [SETS[0], BOTH])
def test_shuffled_labels_know_nothing(many_shuffles: list[Measurement], train: str) -> None:
    shuffled = [
        accuracy(many_shuffles, "mass_mean", train, test, control="shuffled_labels")
        for test in SETS
    ]
    assert fmean(shuffled) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("train", [SETS[0], BOTH])
@pytest.mark.parametrize("probe", ["mass_mean", "logistic_regression"])
def test_word_counts_know_nothing(rows: list[Measurement], probe: str, train: str) -> None:
    # Each English word is right once and wrong once: that it was right elsewhere speaks against it.
    assert accuracy(rows, probe, train, SETS[0], control="bag_of_words") < 0.62


def test_the_directions_of_a_set_and_its_negation_are_opposite_where_it_was_planted(
    rows: list[Measurement],
) -> None:
    # (3, 2) against (-3, 2): 180 - 2 * atan(2 / 3) = 112.6 degrees.
    assert mean(rows, "direction_angle") == pytest.approx(112.6, abs=4)
    control = mean(rows, "direction_angle", control="shuffled_labels")
    assert abs(control - 90) < 45
    elsewhere = [
        row.value
        for row in rows
        if row.metric == "direction_angle" and row.conditions["layer"] in (0, 2)
    ]
    assert all(abs(angle - 90) < 50 for angle in elsewhere)


def test_the_sweep_finds_truth_at_the_planted_layer_only(rows: list[Measurement]) -> None:
    found = {
        (row.conditions["layer"], row.control): row.value
        for row in rows
        if row.metric == "accuracy_binary" and row.conditions["layer"] != "chosen"
    }
    assert sorted(layer for layer, control in found if control is None) == [0, 1, 2]
    assert found[PLANTED_LAYER, None] > 0.97
    for layer in (0, 2):
        assert found[layer, None] == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("layer", ["validation", 2])
@pytest.mark.parametrize("controls", [[], ["bag_of_words", "random_direction", "shuffled_labels"]])
def test_every_promised_row_is_there_exactly_once_a_seed(
    planted: None,  # noqa: ARG001
    tmp_path: Path,
    layer: str | int,
    controls: list[str],
) -> None:
    asked = spec(layer=layer, controls=controls, seeds=[3, 7])
    rows = run(asked, tmp_path)
    for quantity in asked.produces():
        seeds = [row.seed for row in rows if row.matches(quantity)]
        scored = quantity.metric in ("accuracy_binary", "auroc")
        assert seeds == ([3, 7] if scored else [3]), str(quantity)
    assert max(Counter(map(_identity, rows)).values()) == 1
    assert {row.control for row in rows} <= {None, "shuffled_labels", *controls}
    promised = {
        _identity(row) for row in rows if any(row.matches(each) for each in asked.produces())
    }
    rest = [row for row in rows if _identity(row) not in promised]
    assert all(isinstance(row.conditions["layer"], int) for row in rest)


def _identity(row: Measurement) -> tuple[object, ...]:
    return (row.metric, row.control, row.seed, *sorted(row.conditions.items()))


def test_units_that_chose_the_layer_are_never_reported_on(
    planted: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    splits: list[Split] = []

    def recorded(asked: ProbingSpec, sets: dict[str, StatementSet]) -> Split:
        splits.append(split_rows(asked, sets))
        return splits[-1]

    monkeypatch.setattr(probing, "split_rows", recorded)
    rows = run(spec(), tmp_path)
    (split,) = splits
    for name in SETS:
        apart = set(split.selection[name].groups)
        reported = set(split.reported[name].groups)
        assert apart
        assert not apart & reported
        assert len(apart | reported) == 100
    assert not {group for part in split.selection.values() for group in part.groups} & {
        group for part in split.reported.values() for group in part.groups
    }
    sets = {row.items.set for row in rows if row.items}
    assert sets == {split.reported[name].digest for name in SETS}
    counted = {row.n for row in rows if row.metric == "accuracy_binary"}
    assert counted == {split.reported[name].unit_count for name in SETS}


def test_a_lucky_layer_of_noise_does_not_score_once_it_is_chosen(
    planted: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Planted, "one", _noise)
    rows = run(spec(probes=["mass_mean"], train=[SETS[0]]), tmp_path)
    assert accuracy(rows, "mass_mean", SETS[0], SETS[0]) == pytest.approx(0.5, abs=0.12)


def _noise(_: Planted, text: str, layer: int) -> Tensor:
    seed = int.from_bytes(hashlib.sha256(f"noise {text} {layer}".encode()).digest()[:7])
    return torch.randn(D, generator=torch.Generator().manual_seed(seed))


def test_the_same_seed_is_bit_identical_and_another_seed_differs(
    planted: None,  # noqa: ARG001
    tmp_path: Path,
) -> None:
    def lines(*seeds: int) -> list[str]:
        found = run(spec(seeds=list(seeds), probes=["mass_mean", "logistic_regression"]), tmp_path)
        return [row.model_dump_json() for row in found]

    first = lines(0, 1)
    assert lines(0, 1) == first
    items = {
        seed: [line.split('"items"')[1] for line in first if f'"seed":{seed},' in line]
        for seed in (0, 1)
    }
    assert items[0] != items[1]


def test_the_picture_holds_both_clouds_of_every_pictured_layer(
    rows: list[Measurement], artifacts: Path
) -> None:
    (file,) = artifacts.glob("*.npz")
    with np.load(file, allow_pickle=False) as arrays:
        assert {name.split(".")[1] for name in arrays} == {"0", "1", "2"}
        xy, label = arrays[f"{SETS[0]}.1.xy"], arrays[f"{SETS[0]}.1.label"]
    apart = abs(xy[label, 0].mean() - xy[~label, 0].mean())
    assert apart == pytest.approx(2 * (3**2 + 2**2) ** 0.5, rel=0.1)
    assert mean(rows, "pc1_threshold_accuracy", test=SETS[0]) > 0.97


def test_what_was_used_is_noted(planted: None, tmp_path: Path) -> None:  # noqa: ARG001
    context = Context(tmp_path / "x", device="cpu", use_cache=False)
    found: Iterator[Measurement] = probing.run(spec(probes=["mass_mean"]), context)
    assert len(list(found)) > 0
    assert context.models["smollm2-135m-instruct"].sha256 == "0" * 64
    assert {name: used.statements for name, used in context.data.items()} == dict.fromkeys(
        SETS, 200
    )
