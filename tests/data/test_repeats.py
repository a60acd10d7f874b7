from collections import Counter

import pytest

from harness.data.repeats import middle, repeated
from harness.record import HarnessError

VOCABULARY = range(100, 300)


def blocks(row: tuple[int, ...], block: int) -> list[tuple[int, ...]]:
    return [row[start : start + block] for start in range(0, len(row), block)]


def test_a_block_comes_four_times_and_has_no_token_twice() -> None:
    rows = repeated(VOCABULARY, sequences=10, seed=0)
    assert len(rows) == len(set(rows)) == 10
    for row in rows:
        first, *later = blocks(row, 25)
        assert len(row) == 100
        assert len(set(first)) == 25
        assert set(first) <= set(VOCABULARY)
        assert later == [first] * 3


def test_shuffled_blocks_have_the_same_tokens_in_other_orders() -> None:
    plain = repeated(VOCABULARY, sequences=10, seed=0)
    control = repeated(VOCABULARY, sequences=10, seed=0, shuffled=True)
    for one, other in zip(plain, control, strict=True):
        parts = blocks(other, 25)
        assert parts[0] == blocks(one, 25)[0]
        assert len(set(parts)) == 4
        assert Counter(one) == Counter(other)
        assert all(sorted(part) == sorted(parts[0]) for part in parts)


def test_equal_seeds_give_equal_rows_whatever_the_order_of_the_vocabulary() -> None:
    rows = repeated(VOCABULARY, sequences=3, seed=1)
    assert rows == repeated(VOCABULARY[::-1], sequences=3, seed=1)
    assert rows != repeated(VOCABULARY, sequences=3, seed=2)


def test_an_id_given_twice_is_no_likelier() -> None:
    assert repeated([5, 5, 5, 7], block=2, sequences=4, seed=0) == repeated(
        [5, 7], block=2, sequences=4, seed=0
    )


def test_too_small_a_vocabulary_is_refused() -> None:
    with pytest.raises(HarnessError, match="block 25 is not possible; valid: 1 to 3"):
        repeated([1, 2, 3, 3], sequences=1, seed=0)


def test_no_repeats_at_all_are_refused() -> None:
    with pytest.raises(HarnessError, match="must both be at least 1"):
        repeated(VOCABULARY, repeats=0, sequences=1, seed=0)


def test_the_middle_leaves_out_the_outer_tenths() -> None:
    assert middle(list(range(20))[::-1]) == tuple(range(2, 18))
    assert middle([3, 1, 2], share=1.0) == (1, 2, 3)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_shares_that_are_none_are_refused(share: float) -> None:
    with pytest.raises(HarnessError, match="above 0, at most 1"):
        middle(range(10), share=share)


def test_a_share_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(HarnessError, match="leaves none of 2"):
        middle([1, 2], share=0.01)
