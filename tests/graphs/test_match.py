import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.graphs.match import Alignment, align_tokens
from harness.graphs.overlap import jaccard, weighted_overlap

LYON = ["The", " city", " of", " Lyon", " is", " in"]
OAK = ["The", " big", " city", " of", " Oak", "land", " is", " in"]
PORTO = ["The", " city", " of", " Porto", " is", " in"]


def test_a_word_that_was_replaced_plays_the_role_of_the_one_before() -> None:
    assert align_tokens(LYON, PORTO, "role") == {place: place for place in range(6)}


def test_words_around_an_insertion_keep_their_roles_and_a_longer_name_has_none() -> None:
    assert align_tokens(LYON, OAK, "role") == {0: 0, 1: 2, 2: 3, 4: 6, 5: 7}


def test_by_position_tokens_are_counted_from_the_start_and_by_end_from_the_end() -> None:
    assert align_tokens(LYON, OAK, "position") == {place: place for place in range(6)}
    assert align_tokens(LYON, OAK, "end") == {place: place + 2 for place in range(6)}
    assert align_tokens(OAK, LYON, "end") == {place + 2: place for place in range(6)}


@given(
    st.lists(st.sampled_from("abc")),
    st.lists(st.sampled_from("abc")),
    st.sampled_from(["role", "position", "end"]),
)
def test_no_token_has_two_counterparts_and_order_is_kept(
    left: list[str], right: list[str], how: Alignment
) -> None:
    pairs = list(align_tokens(left, right, how).items())
    assert pairs == sorted(pairs)
    assert len({there for _, there in pairs}) == len(pairs)
    assert all(0 <= there < len(right) for _, there in pairs)


def test_overlaps_worked_out_by_hand() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    # Shares ¾, ¼ against ½, ½: (½ + ¼) / (¾ + ½).
    assert weighted_overlap({"a": 3.0, "b": 1.0}, {"a": 2.0, "b": 2.0}) == pytest.approx(0.6)
    assert weighted_overlap({"a": 1.0}, {"b": 1.0}) == 0


def test_an_overlap_of_nothing_is_none_and_not_zero() -> None:
    assert jaccard(set(), set()) is None
    assert weighted_overlap({"a": 0.0}, {"a": 1.0}) is None
