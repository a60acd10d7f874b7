import pytest

from harness.autoresearch.keep.gate import confirmed
from harness.autoresearch.task import KeepRule

RULE = KeepRule(gate_seeds=5, gate_alpha=0.05, margin=0.01)
SEEDS = range(40, 45)
UNCLEAR = [0.02, 0.001, 0.015, -0.002, 0.012]
"""t = 2.21, p = 0.046."""
EQUAL = [0.002, -0.003, 0.001, -0.002, 0.001]


def test_a_gain_that_holds_is_confirmed_and_one_that_does_not_is_not() -> None:
    passed, test = confirmed(RULE, SEEDS, UNCLEAR, simpler=False, level=RULE.gate_alpha)
    assert passed and test.p == pytest.approx(0.046, abs=1e-3) and test.level == 0.05
    passed, test = confirmed(RULE, SEEDS, EQUAL, simpler=False, level=RULE.gate_alpha)
    assert not passed and test.p > 0.5


def test_a_later_visit_is_held_to_its_own_level() -> None:
    passed, test = confirmed(RULE, SEEDS, UNCLEAR, simpler=False, level=0.025)
    assert not passed and test.level == 0.025


def test_a_simpler_recipe_needs_no_gain_here_either() -> None:
    assert confirmed(RULE, SEEDS, EQUAL, simpler=True, level=RULE.gate_alpha)[0]
    assert not confirmed(
        RULE, SEEDS, [each - 0.01 for each in EQUAL], simpler=True, level=RULE.gate_alpha
    )[0]


def test_fewer_pairs_than_the_rule_asks_for_are_refused() -> None:
    with pytest.raises(AssertionError):
        confirmed(RULE, SEEDS[:3], UNCLEAR[:3], simpler=False, level=RULE.gate_alpha)
