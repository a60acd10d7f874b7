import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.autoresearch.keep.alpha import gate_level, look_level, next_level, spent
from harness.autoresearch.task import KeepRule

RULE = KeepRule(alpha=0.05, gate_alpha=0.06)


def test_trials_share_alpha_equally_while_nothing_is_kept() -> None:
    assert next_level(RULE, 10, []) == pytest.approx(0.005)
    assert next_level(RULE, 10, [False] * 6) == pytest.approx(0.005)
    assert spent(RULE, 10, [False] * 6) == pytest.approx(0.03)


def test_a_kept_trial_hands_its_level_on_once() -> None:
    assert next_level(RULE, 10, [True]) == pytest.approx(0.010)
    assert next_level(RULE, 10, [True, True]) == pytest.approx(0.015)
    assert next_level(RULE, 10, [True, True, False]) == pytest.approx(0.005)
    assert spent(RULE, 10, [True, True]) == 0
    assert spent(RULE, 10, [True, True, False]) == pytest.approx(0.015)


def test_beyond_the_budget_only_what_is_handed_on_is_left() -> None:
    assert next_level(RULE, 2, [False, False]) == 0
    assert next_level(RULE, 2, [False, True]) == pytest.approx(0.025)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 50))
def test_levels_of_trials_that_are_not_kept_never_add_up_to_more_than_alpha(
    kept: list[bool], trials: int
) -> None:
    levels = [next_level(RULE, trials, kept[:i]) for i in range(len(kept))]
    lost = sum(level for level, was in zip(levels, kept, strict=True) if not was)
    assert lost == pytest.approx(spent(RULE, trials, kept), abs=1e-12)
    assert lost <= RULE.alpha + 1e-12
    visits = [gate_level(RULE, kept[:i]) for i in range(len(kept))]
    failed = sum(level for level, was in zip(visits, kept, strict=True) if not was)
    assert failed < RULE.gate_alpha


def test_visits_to_the_gate_get_harder_unless_they_are_kept() -> None:
    assert gate_level(RULE, []) == pytest.approx(0.03)
    assert gate_level(RULE, [False]) == pytest.approx(0.01)
    assert gate_level(RULE, [False, False]) == pytest.approx(0.005)
    assert gate_level(RULE, [True]) == pytest.approx(0.04)


def test_looks_share_a_trials_level_as_the_squares_of_their_pairs() -> None:
    assert look_level(RULE, 98.0, 3) == pytest.approx(9)
    assert look_level(RULE, 98.0, 5) == pytest.approx(25)
    assert look_level(RULE, 98.0, 8) == pytest.approx(64)
    assert look_level(RULE, 98.0, 4) == 0
    assert look_level(KeepRule(looks=(4,)), 0.01, 4) == pytest.approx(0.01)
