"""The whole family on a planted induction circuit: it is found, and in the control nothing is."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.experiments import attention
from harness.experiments.attention.draws import random_heads, sequences, vocabulary
from harness.experiments.attention.losses import Cut, mean_outputs, measure, zeros
from harness.experiments.context import Context
from harness.measurement import Measurement, Quantity, select
from harness.models.hooks import hooked_modules
from harness.models.language_model import LanguageModel
from harness.ops.attention_scores import prefix_matching, uniform_attention
from harness.record import HarnessError
from harness.specs import AttentionSpec
from tests.planted import (
    INDUCTION_HEAD,
    N_HEADS,
    N_LAYERS,
    PREVIOUS_TOKEN_HEAD,
    planted_induction,
)

SEEDS = (3, 7)


def spec(**changes: Any) -> AttentionSpec:
    given: dict[str, Any] = {
        "family": "attention",
        "id": "heads",
        "model": "smollm2-135m-instruct",
        "seeds": list(SEEDS),
        "sequences": 12,
        "ablated_sequences": 6,
        "selection_sequences": 4,
        "copied_tokens": 30,
        "top": [1, 3],
    }
    return AttentionSpec.model_validate({**given, **changes})


def run(lm: LanguageModel, folder: Path, **changes: Any) -> list[Measurement]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attention, "load_model", lambda *_, **__: lm)
        return list(attention.run(spec(**changes), Context(folder / "heads", device="cpu")))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Measurement]:
    return run(planted_induction(), tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def control_rows(tmp_path_factory: pytest.TempPathFactory) -> list[Measurement]:
    return run(planted_induction(planted=False), tmp_path_factory.mktemp("nothing"))


def values(
    rows: list[Measurement], metric: str, control: str | None = None, **where: Any
) -> list[float]:
    found = select(Quantity(metric=metric, where=where, control=control), rows)
    assert found, (metric, where, control)
    return [row.value for row in found]


def chance(lm: LanguageModel) -> float:
    tokens = sequences(spec(), lm, "reported", SEEDS[0]).tokens
    return float(prefix_matching(uniform_attention(tokens), tokens).mean())


def test_the_planted_head_is_chosen_and_scores_one_where_its_controls_are_at_chance(
    rows: list[Measurement],
) -> None:
    score, one = "prefix_matching_score", {"heads": "induction-1"}
    assert values(rows, score, **one) == pytest.approx([1, 1], abs=1e-6)
    assert max(values(rows, score, "shuffled_tokens", **one)) < 0.1
    assert max(values(rows, score, "random_heads", **one)) < 0.05
    assert values(rows, score, "uniform_attention", **one) == pytest.approx(
        [chance(planted_induction())] * 2
    )
    ranked = [row for row in rows if row.metric == "held_apart_prefix_matching_score"]
    first = [row.conditions for row in ranked if row.conditions["rank"] == 1]
    assert [(each["layer"], each["head"]) for each in first] == [INDUCTION_HEAD] * len(SEEDS)


@pytest.mark.parametrize(
    ("score", "planted"),
    [
        ("prefix_matching_score", INDUCTION_HEAD),
        ("previous_token_score", PREVIOUS_TOKEN_HEAD),
        ("copying_score", INDUCTION_HEAD),
    ],
)
def test_the_map_of_a_score_shows_exactly_the_planted_head(
    rows: list[Measurement], score: str, planted: tuple[int, int]
) -> None:
    for layer in range(N_LAYERS):
        for head in range(N_HEADS):
            (found,) = values(rows, score, layer=layer, head=head)
            expected = 1 if (layer, head) == planted else 0
            assert found == pytest.approx(expected, abs=0.05), (layer, head)


def test_without_the_planted_weights_every_score_is_at_chance(
    control_rows: list[Measurement],
) -> None:
    expected = chance(planted_induction(planted=False))
    for size in ("induction-1", "induction-3"):
        assert values(control_rows, "prefix_matching_score", heads=size) == pytest.approx(
            [expected] * 2
        )
        assert values(control_rows, "copying_score", heads=size) == [0, 0]


def test_repeats_are_predicted_and_shuffled_repeats_and_first_blocks_are_not(
    rows: list[Measurement], control_rows: list[Measurement]
) -> None:
    (first,) = values(rows, "next_token_loss", block="first")
    (later,) = values(rows, "next_token_loss", block="later")
    # Only where the first repeat begins is there nothing to go by: 1 of 75 tokens.
    assert first == pytest.approx(math.log(40), abs=1e-3)
    assert later == pytest.approx(math.log(40) / 75 + math.log1p(39 * math.exp(-10)), abs=0.02)
    (shuffled,) = values(rows, "next_token_loss", "shuffled_tokens", block="later")
    (untrained,) = values(control_rows, "next_token_loss", block="later")
    assert shuffled > math.log(40)
    assert untrained == pytest.approx(math.log(40))


@pytest.mark.parametrize("patterns", ["kept", "recomputed"])
def test_ablating_the_planted_head_costs_the_repeats_and_nothing_else(
    rows: list[Measurement], patterns: str
) -> None:
    where = {"heads": "induction-1", "ablation": "zero", "patterns": patterns}
    (later,) = values(rows, "next_token_loss", block="later")
    lost = values(rows, "loss_increase", block="later", **where)
    assert lost == pytest.approx([math.log(40) - later] * 2, abs=0.03)
    assert values(rows, "loss_increase", block="first", **where) == pytest.approx([0, 0], abs=1e-3)


def test_without_the_planted_weights_ablation_costs_nothing(
    control_rows: list[Measurement],
) -> None:
    for control in (None, "random_heads"):
        where = {"heads": "induction-3", "ablation": "zero", "block": "later", "patterns": "kept"}
        assert values(control_rows, "loss_increase", control, **where) == [0, 0]


def test_with_kept_patterns_only_what_a_head_moves_is_lost() -> None:
    """The previous-token head tells the induction head where to look, and moves nothing itself."""
    lm = planted_induction()
    drawn = sequences(spec(), lm, "reported", 0)
    cuts = [Cut((PREVIOUS_TOKEN_HEAD,), "kept"), Cut((PREVIOUS_TOKEN_HEAD,), "recomputed")]
    later = {"later": range(drawn.start + 25, drawn.start + 100)}
    found = measure(lm, drawn.tokens, later, lambda *_: None, cuts=cuts, outputs=zeros(lm))
    whole, (kept, recomputed) = found.whole["later"], [found.cut[cut]["later"] for cut in cuts]
    torch.testing.assert_close(kept, whole, rtol=0, atol=1e-4)
    assert (recomputed - whole).min() > 2
    assert hooked_modules(lm.hf) == []


def test_a_mean_leaves_what_a_head_does_everywhere_alike() -> None:
    """The start token is no part of the mean; a head that rests there writes nothing elsewhere."""
    lm = planted_induction()
    apart = sequences(spec(), lm, "selection", 0)
    z = mean_outputs(lm, apart.tokens, apart.start)[INDUCTION_HEAD[0]][INDUCTION_HEAD[1]]
    # Of 100 places the 25 of the first block copy nothing, nor does the first of the second.
    assert z.sum().item() == pytest.approx(74 / 100, abs=0.02)


def test_a_run_yields_what_the_spec_promises_once_a_seed(rows: list[Measurement]) -> None:
    seeds = {"next_token_loss": [3]}
    for quantity in spec().produces():
        found = [row.seed for row in rows if row.matches(quantity)]
        assert found == seeds.get(quantity.metric, [3, 7]), str(quantity)
    assert max(Counter(map(_identity, rows)).values()) == 1
    promised = {
        _identity(row) for row in rows if any(row.matches(each) for each in spec().produces())
    }
    rest = [row for row in rows if _identity(row) not in promised]
    assert all({"layer", "head"} <= row.conditions.keys() for row in rest)
    for metric in {row.metric for row in rows}:
        judged = [row for row in rows if row.metric == metric and "layer" not in row.conditions]
        assert len({frozenset(row.conditions) for row in judged}) <= 1, metric


def _identity(row: Measurement) -> tuple[object, ...]:
    return (row.metric, row.control, row.seed, *sorted(row.conditions.items()))


def test_rows_of_the_same_sequences_are_paired_with_their_controls(
    rows: list[Measurement],
) -> None:
    sets = {
        row.items.set
        for row in rows
        if row.items and row.metric in ("prefix_matching_score", "next_token_loss")
    }
    assert len(sets) == 1
    ablated = [row for row in rows if row.metric == "loss_increase"]
    assert len({row.items.set for row in ablated if row.items}) == 1
    assert {row.n for row in ablated} == {6}


def test_sequences_that_choose_heads_are_never_reported_on() -> None:
    lm, asked = planted_induction(), spec()
    reported = sequences(asked, lm, "reported", SEEDS[0]).tokens
    for seed in SEEDS:
        apart = sequences(asked, lm, "selection", seed).tokens
        assert not {*map(tuple, apart.tolist())} & {*map(tuple, reported.tolist())}
    one, other = (sequences(asked, lm, "selection", seed).tokens for seed in SEEDS)
    assert not torch.equal(one, other)


def test_random_heads_are_others_and_differ_between_seeds() -> None:
    lm, best = planted_induction(), (INDUCTION_HEAD, (0, 0), (0, 1))
    drawn = [random_heads(spec(), lm, best, seed) for seed in range(6)]
    assert all(len({*heads}) == 3 and not {*heads} & {*best} for heads in drawn)
    assert len({frozenset(heads) for heads in drawn}) > 1
    with pytest.raises(HarnessError, match="valid: up to 4"):
        random_heads(spec(), lm, [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)], 0)


def test_special_and_outer_tokens_are_not_drawn() -> None:
    lm = planted_induction()
    assert vocabulary(lm) == tuple(range(6, 36))


def test_a_model_that_cannot_read_so_long_a_sequence_is_an_error_that_says_so() -> None:
    with pytest.raises(HarnessError, match="reads up to 128"):
        sequences(spec(repeats=6), planted_induction(), "reported", 0)


def test_the_same_spec_is_bit_identical(rows: list[Measurement], tmp_path: Path) -> None:
    again = run(planted_induction(), tmp_path)
    assert [row.model_dump_json() for row in again] == [row.model_dump_json() for row in rows]


def test_what_was_used_is_noted(tmp_path: Path) -> None:
    lm, context = planted_induction(), Context(tmp_path / "heads", device="cpu")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attention, "load_model", lambda *_, **__: lm)
        list(attention.run(spec(patterns=[], scores=["prefix_matching"]), context))
    assert context.models["smollm2-135m-instruct"].sha256 == "planted-induction"
    assert {name: used.statements for name, used in context.data.items()} == {
        "repeated_tokens": 12,
        "shuffled_tokens": 12,
    }
