"""Intervals of means and of chains of keeps, against second implementations."""

from math import sqrt
from pathlib import Path
from statistics import stdev

import numpy as np
import pytest
from scipy import stats

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.keep.paired import paired_test
from harness.autoresearch.report.gain import Gain, chained, mean_of
from harness.autoresearch.report.gains import (
    challenge,
    dev_gain,
    gate_gain,
    shrunken_gain,
    trial_gain,
)
from harness.autoresearch.report.points import points
from tests.autoresearch.report.told import NOISE, Teller, recipe

SMALL, LARGE = (0.01, 0.02, 0.03), (0.1, 0.13, 0.09, 0.12, 0.11)


def of(differences: tuple[float, ...]):
    return paired_test(range(len(differences)), differences, level=0.05)


def test_the_interval_of_a_mean_is_students() -> None:
    found = mean_of(LARGE)
    half = stats.t.ppf(0.975, 4) * stdev(LARGE) / sqrt(5)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.11, 0.11 - half, 0.11 + half))


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    assert mean_of([0.5]) == Gain(mean=0.5, low=None, high=None)
    assert mean_of([]) is None
    assert chained([]) is None


def test_a_chain_of_one_test_is_that_test() -> None:
    test, found = of(LARGE), chained([of(LARGE)])
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((test.mean, test.low, test.high))


def test_a_chain_of_two_has_welchs_interval() -> None:
    """That of the difference of two means, one of them with its sign turned."""
    found = chained([of(SMALL), of(LARGE)])
    welch = stats.ttest_ind(LARGE, [-each for each in SMALL], equal_var=False)
    low, high = welch.confidence_interval(0.95)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.13, low, high))


def test_the_interval_of_a_chain_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    truth, held = 0.05, 0
    for _ in range(400):
        first = generator.normal(0.03, 0.004, 8)
        second = generator.normal(0.02, 0.008, 5)
        found = chained([of(tuple(first)), of(tuple(second))])
        assert found is not None
        held += found.ends[0] <= truth <= found.ends[1]
    assert 0.92 <= held / 400 <= 0.98


def test_what_was_kept_adds_up_tier_by_tier(sealed: Campaign) -> None:
    dev, gate = dev_gain(sealed.history), gate_gain(sealed.history)
    assert dev is not None and gate is not None
    assert dev.mean == pytest.approx(0.030 + 0.015 + 0.012)
    assert gate.mean == pytest.approx(0.026 + 0.014 + 0.010 + 3 * np.mean(NOISE[:5]))
    assert shrunken_gain(sealed.history) == pytest.approx(0.9 * 0.026 + 0.0126 + 0.9 * 0.010)


def test_nothing_kept_is_no_gain_of_zero(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    tell.rejected("worse", recipe(0.002), -0.01, 3)
    history = tell.campaign.history
    assert (dev_gain(history), gate_gain(history), shrunken_gain(history)) == (None, None, None)


def test_a_trial_given_up_after_one_pair_has_that_difference(sealed: Campaign) -> None:
    first = sealed.history.trials[0]
    assert challenge(sealed.history, first) == pytest.approx([-0.011 + NOISE[0]])
    gain = trial_gain(sealed.history, first)
    assert gain is not None
    assert gain.low is None


def test_a_refused_duplicate_does_not_get_the_gain_of_its_twin(sealed: Campaign) -> None:
    twin, duplicate = sealed.history.trials[2:4]
    assert twin.proposed.candidate == duplicate.proposed.candidate
    assert trial_gain(sealed.history, twin) is not None
    assert trial_gain(sealed.history, duplicate) is None


def test_points_stand_on_the_incumbent_of_their_time(sealed: Campaign) -> None:
    found = {each.trial: each for each in points(sealed.history)}
    assert list(found) == list(range(1, 15))
    means = {n: each.dev.mean for n, each in found.items() if each.dev is not None}
    assert means[2] == pytest.approx(0.004 + np.mean(NOISE[:5]))
    assert means[6] == pytest.approx(0.030 - 0.31 + np.mean(NOISE[:2]))
    assert means[13] == pytest.approx(0.030 + 0.015 + 0.012 - 0.004 + np.mean(NOISE[:3]))
    assert sorted(found.keys() - means.keys()) == [4, 5, 7, 11, 14]
    assert [n for n, each in found.items() if each.gate is not None] == [3, 8, 12]
