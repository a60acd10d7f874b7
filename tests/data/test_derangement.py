import random
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.data.derangement import derange
from harness.record import HarnessError


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=40), st.integers(0, 99))
def test_every_answer_is_wrong_and_each_is_used_as_often_as_it_is_right(
    right: list[str], seed: int
) -> None:
    assume(2 * max(Counter(right).values()) <= len(right))
    wrong = derange(right, random.Random(seed))
    assert all(one != other for one, other in zip(right, wrong, strict=True))
    assert Counter(wrong) == Counter(right)


def test_two_equal_halves_change_places() -> None:
    assert derange(["a", "a", "b", "b"], random.Random(0)) == ("b", "b", "a", "a")


def test_an_answer_that_is_right_more_than_half_of_the_time_is_refused() -> None:
    with pytest.raises(HarnessError, match="'a' is 2 of 3"):
        derange(["a", "a", "b"], random.Random(0))
