import numpy as np
import pytest

from harness.autoresearch.keep.shrink import shrunken


def test_a_hand_worked_example_agrees() -> None:
    """Means 3, 0, 0: mean 1, variance 3. Noise 1 each: tau² = 2, and (2·3 + 1·1) / 3 = 7/3."""
    assert shrunken(3.0, 1.0, [(0.0, 1.0), (0.0, 1.0)]) == pytest.approx(7 / 3)


def test_where_trials_differ_no_more_than_noise_all_is_luck() -> None:
    assert shrunken(0.5, 1.0, [(0.1, 1.0), (-0.3, 1.0)]) == pytest.approx(0.1)


def test_alone_or_without_noise_a_mean_stays() -> None:
    assert shrunken(0.5, 1.0, []) == 0.5
    assert shrunken(0.5, 0.0, [(0.0, 1.0), (0.1, 1.0)]) == 0.5


def test_a_small_error_shrinks_less_than_a_large_one() -> None:
    others = [(-1.0, 0.2), (0.0, 0.2), (1.0, 0.2)]
    assert 2.0 > shrunken(2.0, 0.1, others) > shrunken(2.0, 0.5, others) > 0.5


def test_the_luck_of_the_best_of_many_is_taken_out() -> None:
    """Sixty true gains of sd 0.5, measured with an error of 1: the best looks better than it is."""
    rng, plain, corrected = np.random.default_rng(8), [], []
    for _ in range(400):
        truth = rng.normal(0, 0.5, 60)
        measured = truth + rng.standard_normal(60)
        best = int(measured.argmax())
        others = [(float(each), 1.0) for i, each in enumerate(measured) if i != best]
        plain.append(measured[best] - truth[best])
        corrected.append(shrunken(float(measured[best]), 1.0, others) - truth[best])
    assert np.mean(plain) > 1.5
    assert abs(np.mean(corrected)) < 0.15
