"""Sentiment planted along one axis is found by every method, moved by swaps, lost by ablation."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from harness.experiments import steering
from harness.experiments.context import Context
from harness.experiments.uninformative import Uninformative
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from tests.experiments.steering.conftest import SENTIMENT, WIDTH, Run, made, names, one, quantities

TASK = {"kind": "reviews", "short": 20}
METHODS = ("mean_difference", "k_means", "pca", "logistic_regression")
CONTROL = "random_direction"


@pytest.fixture(scope="module")
def rows(run: Run, planted_lm: LanguageModel) -> list[Measurement]:
    return run(planted_lm, TASK)


def test_the_planted_sentiment_is_found_moved_and_lost(rows: list[Measurement]) -> None:
    assert one(rows, "answer_preferred", set="toy") == 1
    assert one(rows, "informative_fraction", set="short") == 1
    assert one(rows, "direction_cosine", first="mean_difference", second="pca") > 0.9
    for method in METHODS:
        at = {"direction": method, "operation": "swap"}
        assert one(rows, "logit_difference_recovered", set="toy", **at) > 0.8
        assert one(rows, "sign_flips", set="toy", **at) == 1
        assert one(rows, "sign_flips", set="short", positions="all", **at) == 1


def test_a_random_direction_finds_moves_and_loses_nothing(rows: list[Measurement]) -> None:
    swapped = {"set": "toy", "direction": "pca", "operation": "swap"}
    assert abs(one(rows, "logit_difference_recovered", CONTROL, **swapped)) < 0.3
    assert one(rows, "sign_flips", CONTROL, **swapped) < 0.1
    assert one(rows, "accuracy_kept", CONTROL, positions="all") > 0.9
    assert abs(one(rows, "direction_cosine", CONTROL, first="k_means", second="pca")) < 0.6


def test_commas_carry_nothing_where_nothing_was_written_to_them(rows: list[Measurement]) -> None:
    at = {"direction": "mean_difference", "set": "short", "positions": "commas"}
    assert abs(one(rows, "logit_difference_recovered", operation="swap", **at)) < 0.1
    assert one(rows, "accuracy_kept", operation="ablate", **at) == 1


def test_the_share_lost_is_counted_from_chance(rows: list[Measurement]) -> None:
    for positions in ("all", "commas", "random_tokens"):
        kept = one(rows, "accuracy_kept", positions=positions)
        lost = one(rows, "above_chance_lost", positions=positions)
        assert lost == pytest.approx((1 - kept) / 0.5)


def test_every_quantity_that_is_promised_is_measured_and_no_other(
    rows: list[Measurement],
) -> None:
    assert names(made(TASK).produces()) == quantities(rows)


def test_a_direction_from_a_file_stands_beside_the_others(
    tmp_path: Path, planted_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    axis = torch.eye(WIDTH)[SENTIMENT]
    content = save({"blocks.1.resid_post": 3 * axis})
    (tmp_path / "given.safetensors").write_bytes(content)
    file = {"name": "given.safetensors", "sha256": hashlib.sha256(content).hexdigest()}
    task = {**TASK, "directions": ["mean_difference"], "file": file}
    spec = made(task, layer=1)
    monkeypatch.setattr(steering, "load_model", lambda *_, **__: planted_lm)
    context = Context(tmp_path / "artifacts" / "x", device="cpu", use_cache=False)
    rows = list(steering.run(spec, context))
    assert names(spec.produces()) == quantities(rows)
    assert one(rows, "sign_flips", set="toy", direction="file") == 1
    assert one(rows, "direction_cosine", first="mean_difference", second="file") > 0.9


def test_a_model_without_the_behaviour_is_refused(run: Run, unplanted_lm: LanguageModel) -> None:
    with pytest.raises(Uninformative, match="0 of"):
        run(unplanted_lm, TASK)
