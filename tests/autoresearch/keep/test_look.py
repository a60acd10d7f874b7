import numpy as np
import pytest

from harness.autoresearch.keep.look import Standing, look
from harness.autoresearch.task import KeepRule

RULE = KeepRule(looks=(3, 5, 8), margin=0.01)
LEVEL = 0.05 / 120
GAIN = [0.030, 0.031, 0.029, 0.0305, 0.0295, 0.0302, 0.0298, 0.03]


def after(differences: list[float], *, simpler: bool = False, level: float = LEVEL) -> Standing:
    return look(RULE, range(len(differences)), differences, level=level, simpler=simpler)


def test_a_clear_gain_is_promoted_at_a_look_and_not_between_looks() -> None:
    assert after(GAIN[:3]).verdict == "more"
    between = after(GAIN[:4])
    assert (between.verdict, between.pairs) == ("more", 5)
    assert between.test is not None and between.test.p < 1e-5 and between.test.level == 0
    at_look = after(GAIN[:5])
    assert at_look.verdict == "better"
    assert at_look.test is not None and at_look.test.level == pytest.approx(LEVEL * 25 / 98)


def test_a_first_pair_without_gain_is_given_up_without_a_test() -> None:
    assert after([-0.001]) == Standing("give_up", None, 1)
    assert after([0.0]) == Standing("give_up", None, 1)
    assert after([0.001]) == Standing("more", None, 2)


def test_small_gains_among_large_noise_are_given_up_before_the_last_look() -> None:
    assert after([0.02, -0.015]).verdict == "give_up"
    assert after([0.02, 0.012]).verdict == "more"


def test_the_last_look_ends_it() -> None:
    unclear = [0.03, 0.01, 0.03, 0.01, 0.03, 0.01, 0.03, 0.01]
    assert after(unclear[:7]).verdict == "more"
    last = after([*unclear[:7], -0.005])
    assert (last.verdict, last.pairs) == ("give_up", 8)


def test_an_equal_result_is_let_in_only_for_a_simpler_candidate() -> None:
    equal = [0.0003, -0.0002, 0.0001, -0.0003, 0.0002]
    assert after(equal, simpler=True).verdict == "simpler"
    assert after(equal, simpler=False).verdict == "give_up"


def test_the_test_of_a_simpler_candidate_is_that_of_the_margin() -> None:
    found = after([0.0003, -0.0002, 0.0001, -0.0003, 0.0002], simpler=True).test
    assert found is not None and found.p <= found.level
    assert found.low < 0 < found.high


def test_a_simpler_candidate_that_loses_the_margin_is_given_up() -> None:
    assert after([-0.011], simpler=True).verdict == "give_up"
    lost = [-0.0103, -0.0098, -0.0101, -0.0097, -0.0102]
    assert after(lost, simpler=True).verdict == "give_up"


def test_a_simpler_candidate_with_a_gain_counts_as_better() -> None:
    assert after(GAIN[:5], simpler=True).verdict == "better"


def test_dead_code_taken_out_is_let_in_at_the_first_look() -> None:
    assert after([0.0] * 2, simpler=True).verdict == "more"
    assert after([0.0] * 3, simpler=True).verdict == "simpler"


def test_one_deterministic_gain_told_eight_times_is_never_promoted() -> None:
    assert after([0.03] * 5).verdict == "more"
    assert after([0.03] * 8).verdict == "give_up"


def test_without_level_nothing_is_promoted() -> None:
    assert after(GAIN[:8], level=0.0).verdict == "give_up"


def test_a_gain_of_two_standard_deviations_is_seldom_given_up_early() -> None:
    """Against the same draws without a gain, which are nearly all."""
    drawn = np.random.default_rng(3).standard_normal((300, 8)) * 0.01
    assert early(drawn + 0.02) < 0.13
    assert early(drawn) > 0.9


def early(drawn: np.ndarray) -> float:
    def given_up(row: list[float]) -> bool:
        verdicts = (after(row[:pairs]).verdict for pairs in range(1, 8))
        return next((each for each in verdicts if each != "more"), None) == "give_up"

    return float(np.mean([given_up(row) for row in drawn.tolist()]))
