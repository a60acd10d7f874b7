import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.ops.ordering import stable_order


@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from([10, 40_000]))
def test_the_order_is_that_of_a_stable_sort(keys: list[int], below: int) -> None:
    found = stable_order(torch.tensor(keys, dtype=torch.long), below)
    assert found.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@pytest.mark.parametrize("below", [32_767, 32_768, 70_000])
def test_keys_up_to_the_bound_are_not_cut_to_sixteen_bits(below: int) -> None:
    keys = torch.tensor([below - 1, 0, below - 2, 5])
    assert stable_order(keys, below).tolist() == [1, 3, 2, 0]


def test_equal_keys_stay_as_they_stand_and_others_do_not() -> None:
    keys = torch.tensor([3] * 500 + [1] * 500)
    expected = [*range(500, 1000), *range(500)]
    assert stable_order(keys, 4).tolist() == expected != list(range(1000))
