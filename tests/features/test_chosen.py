import pytest

from harness.features.chosen import Place, choose, parse_numbers, parse_place
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet


def test_a_place_is_written_as_it_is_read() -> None:
    assert parse_place("12/345") == Place(12, 345)
    assert str(parse_place("12/345")) == "12/345"


@pytest.mark.parametrize("text", ["12", "12/", "a/1", "1/2/3", "-1/2"])
def test_anything_else_is_no_place(text: str) -> None:
    with pytest.raises(HarnessError, match="expected LAYER/INDEX"):
        parse_place(text)


def test_numbers_are_spans_and_single_ones_each_once() -> None:
    assert parse_numbers("3,0-2, 1,7-7") == (3, 0, 1, 2, 7)


@pytest.mark.parametrize("text", ["", "1-", "a", "3-1", "1;2"])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(HarnessError, match=f"numbers '{text}'"):
        parse_numbers(text)


def test_all_features_of_a_layer_where_none_are_named(planted: TranscoderSet) -> None:
    assert choose(planted.layers, 0).indices == (0, 1, 2, 3, 4)
    assert choose(planted.layers, 1, [5, 2, 5]).indices == (5, 2)


def test_a_layer_or_index_that_is_not_there_is_refused_with_the_valid_ones(
    planted: TranscoderSet,
) -> None:
    with pytest.raises(HarnessError, match="layer 3: the set has layers 0 to 2"):
        choose(planted.layers, 3)
    with pytest.raises(HarnessError, match=r"features \[5\] do not exist; valid: 0 to 4"):
        choose(planted.layers, 0, [1, 5])
