from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.folds import assign_folds
from harness.record import HarnessError

GROUPS = st.lists(st.text(max_size=3), min_size=1, max_size=60)


@given(GROUPS, st.integers(2, 6), st.integers(0, 99))
def test_a_group_is_never_torn_and_folds_hold_equally_many_groups(
    groups: list[str], n_folds: int, seed: int
) -> None:
    if len(set(groups)) < n_folds:
        return
    fold = dict(zip(groups, assign_folds(groups, n_folds=n_folds, seed=seed), strict=True))
    assert assign_folds(groups, n_folds=n_folds, seed=seed) == tuple(fold[each] for each in groups)
    sizes = Counter(fold.values())
    assert set(sizes) == set(range(n_folds))
    assert max(sizes.values()) - min(sizes.values()) <= 1


@given(st.permutations(list("abcdefgh") * 2))
def test_neither_order_nor_repetition_moves_a_group(groups: list[str]) -> None:
    expected = dict(zip("abcdefgh", assign_folds("abcdefgh", n_folds=3, seed=5), strict=True))
    found = assign_folds(groups, n_folds=3, seed=5)
    assert found == tuple(expected[group] for group in groups)


def test_union_of_groups_gives_a_city_one_fold_in_both_sets() -> None:
    cities, negated = ["Lodz", "Lima", "Oslo"], ["Oslo", "Lima", "Riga"]
    found = assign_folds([*cities, *negated], n_folds=2, seed=0)
    first, second = (
        dict(zip(cities, found, strict=False)),
        dict(zip(negated, found[3:], strict=True)),
    )
    assert first["Oslo"] == second["Oslo"]
    assert first["Lima"] == second["Lima"]


def test_seed_moves_groups() -> None:
    groups = [str(number) for number in range(20)]
    assert assign_folds(groups, n_folds=5, seed=0) != assign_folds(groups, n_folds=5, seed=1)


@pytest.mark.parametrize("n_folds", [-1, 0, 1, 4])
def test_impossible_number_of_folds_is_refused(n_folds: int) -> None:
    with pytest.raises(
        HarnessError, match=rf"n_folds {n_folds} .* 3 distinct groups; valid: 2 to 3"
    ):
        assign_folds(["a", "b", "c", "a"], n_folds=n_folds, seed=0)
