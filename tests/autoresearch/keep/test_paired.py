from math import sqrt

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from harness.autoresearch.keep.paired import paired_test

DIFFERENCES = [0.012, -0.003, 0.02, 0.007, 0.011]


@pytest.mark.parametrize("margin", [0.0, 0.004])
def test_p_and_interval_are_those_of_scipys_t_test(margin: float) -> None:
    found = paired_test(range(5), DIFFERENCES, level=0.05, margin=margin)
    theirs = ttest_1samp(DIFFERENCES, -margin, alternative="greater")
    interval = ttest_1samp(DIFFERENCES, 0).confidence_interval(0.95)
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.seeds == (0, 1, 2, 3, 4)


def test_a_hand_worked_example_agrees() -> None:
    """Mean 2, standard deviation 1, t = 2 sqrt(3); with two degrees of freedom the tail is
    (1 - t / sqrt(t² + 2)) / 2."""
    found = paired_test((7, 8, 9), (1.0, 2.0, 3.0), level=0.05)
    assert found.p == pytest.approx((1 - 2 * sqrt(3) / sqrt(14)) / 2)


def test_ties_to_the_bit_show_no_gain_but_rule_out_every_loss() -> None:
    assert paired_test((0, 1, 2), (0.0, 0.0, 0.0), level=0.05).p == 1
    assert paired_test((0, 1, 2), (0.0, 0.0, 0.0), level=0.05, margin=0.002).p == 0


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_the_same_gain_on_every_seed_is_one_result_and_proves_nothing(margin: float) -> None:
    scores = [(0.7 + step, 0.4 + step) for step in (0.0, 0.1, 0.6)]
    same = [ours - theirs for ours, theirs in scores]
    assert len(set(same)) > 1, "rounding is part of the test"
    assert paired_test((0, 1, 2), same, level=0.05, margin=margin).p == 1
    varied = [each + nudge for each, nudge in zip(same, (0.001, 0.0, -0.001), strict=True)]
    assert paired_test((0, 1, 2), varied, level=0.05, margin=margin).p < 1e-5


def test_p_is_uniform_where_normal_differences_have_no_mean() -> None:
    drawn = np.random.default_rng(5).standard_normal((2000, 5))
    ps = [paired_test(range(5), row, level=0.05).p for row in drawn.tolist()]
    for level in (0.05, 0.25, 0.5):
        assert np.mean(np.less_equal(ps, level)) == pytest.approx(level, abs=0.035)


def test_one_pair_and_a_seed_twice_are_no_sample() -> None:
    with pytest.raises(AssertionError):
        paired_test((0,), (0.1,), level=0.05)
    with pytest.raises(AssertionError):
        paired_test((0, 0), (0.1, 0.2), level=0.05)
