import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.measurement import Condition, Items, Measurement, Quantity, holds, select
from harness.record import HarnessError


def row(value: float = 0.5, seed: int = 0, **changes: object) -> Measurement:
    given: dict[str, object] = {
        "experiment": "e",
        "metric": "accuracy_binary",
        "value": value,
        "n": 10,
        "seed": seed,
        "conditions": {"layer": 3, "probe": "mass_mean"},
    }
    return Measurement.model_validate({**given, **changes})


def quantity(control: str | None = None, **where: Condition) -> Quantity:
    return Quantity(metric="accuracy_binary", where=where, control=control)


@given(st.lists(st.floats(-1e9, 1e9, width=32), min_size=1))
def test_items_unpack_to_the_scores_that_were_packed(scores: list[float]) -> None:
    assert list(Items.pack("units", scores).unpack()) == scores


def test_mean_over_an_empty_set_does_not_exist() -> None:
    with pytest.raises(HarnessError, match="no units"):
        Items.pack("units", [])
    with pytest.raises(ValidationError, match="greater than 0"):
        row(n=0)


def test_unknown_metric_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValidationError, match="did you mean 'accuracy_binary'"):
        row(metric="accuracy_binay")
    with pytest.raises(ValidationError, match="did you mean 'auroc'"):
        Quantity(metric="auro")


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_impossible_value_is_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        row(value)


def test_boolean_condition_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"conditions\.judged"):
        row(conditions={"judged": True})


def test_value_that_is_the_mean_of_its_items_is_accepted() -> None:
    assert row(0.75, n=4, items=Items.pack("u", [1, 0.5, 0.5, 1])).value == 0.75


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([1, 0.5, 0.5, 0.5], "not the mean of its items"),
        ([0.75, 0.75, 0.75], "not the mean of its items"),
        ([float("nan"), 1, 1, 1], "not the mean of its items"),
        ([3.0, 0, 0, 0], "outside the range"),
    ],
)
def test_items_that_do_not_give_the_value_are_refused(scores: list[float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        row(0.75, n=4, items=Items.pack("u", scores))


@pytest.mark.parametrize(
    "scores", ["AAAA", "no base64!", "", base64.b64encode(zlib.compress(b"abc")).decode()]
)
def test_damaged_items_are_refused(scores: str) -> None:
    with pytest.raises(ValidationError, match=r"not packed scores|not the mean of its items"):
        row(n=1, items=Items(set="u", scores=scores))


def test_items_that_would_fill_the_memory_are_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.measurement._MOST_BYTES", 400)
    assert len(Items.pack("u", [0.0] * 100).unpack()) == 100
    assert len(Items.pack("u", [0.0] * 100_000).unpack()) == 100


def test_rows_of_one_quantity_come_in_the_order_of_their_seeds() -> None:
    rows = [row(seed=2), row(seed=0), row(seed=1, metric="auroc"), row(seed=1)]
    assert [each.seed for each in select(quantity(layer=3), rows)] == [0, 1, 2]


def test_integer_and_equal_float_are_one_condition_and_text_is_another() -> None:
    assert holds({"layer": 3.0}, {"layer": 3, "probe": "lda"})
    assert not holds({"layer": "3"}, {"layer": 3})
    assert not holds({"layer": 3}, {"probe": "lda"})


def test_quantity_that_matches_two_settings_is_an_error_that_names_the_keys() -> None:
    rows = [row(), row(conditions={"layer": 3, "probe": "lda"})]
    with pytest.raises(HarnessError, match=r"matches 2 settings; say which: probe"):
        select(quantity(layer=3), rows)
    assert len(select(quantity(layer=3, probe="lda"), rows)) == 1


def test_same_setting_in_two_experiments_is_an_error() -> None:
    with pytest.raises(HarnessError, match="matches 2 settings"):
        select(quantity(layer=3), [row(), row(seed=1, experiment="other")])


def test_two_rows_for_one_seed_are_an_error() -> None:
    with pytest.raises(HarnessError, match="two rows for one seed"):
        select(quantity(layer=3), [row(0.5), row(0.6)])


def test_control_rows_match_only_a_quantity_that_asks_for_them() -> None:
    rows = [row(0.9), row(0.5, control="shuffled_labels")]
    assert [each.value for each in select(quantity(layer=3), rows)] == [0.9]
    shuffled = quantity(layer=3).under("shuffled_labels")
    assert [each.value for each in select(shuffled, rows)] == [0.5]
    assert select(quantity(layer=3).under("bag_of_words"), rows) == []
