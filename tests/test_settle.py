import pytest

from harness.estimate import Estimate
from harness.settle import Region, more_data, place


def interval(low: float | None, high: float | None, **changes: float | None) -> Estimate:
    middle = 0.0 if low is None or high is None else (low + high) / 2
    stderr = None if low is None or high is None else (high - low) / 3.92
    given = {"mean": middle, "stderr": stderr, "seed_stderr": None, "n": 100, "seeds": 1}
    return Estimate.model_validate({**given, "low": low, "high": high, **changes})


@pytest.mark.parametrize(
    ("region", "got", "expected"),
    [
        (Region(0.5, None), (0.5, 0.7), "inside"),
        (Region(0.5, None), (0.4, 0.5), "across"),
        (Region(0.5, None), (0.3, 0.49), "outside"),
        (Region(None, 0.5), (0.3, 0.5), "inside"),
        (Region(None, 0.5), (0.51, 0.7), "outside"),
        (Region(0.4, 0.6), (0.4, 0.6), "inside"),
        (Region(0.4, 0.6), (0.3, 0.7), "across"),
        (Region(0.4, 0.6), (0.61, 0.7), "outside"),
        (Region(0.4, 0.6), (0.3, 0.39), "outside"),
        (Region(0, None, open=True), (0, 0.1), "across"),
        (Region(0, None, open=True), (0.01, 0.1), "inside"),
        (Region(None, 0, open=True), (-0.1, 0), "across"),
    ],
)
def test_place_of_an_interval(region: Region, got: tuple[float, float], expected: str) -> None:
    assert place(interval(*got), region) == expected


def test_no_interval_has_no_place() -> None:
    assert place(interval(None, None), Region(0.5, None)) == "unknown"


def test_units_that_would_settle_it_by_hand() -> None:
    """p = .75, n = 50, limit .7: (2.8 * sqrt(.1875) / .05)^2 = 588 units."""
    got = interval(0.63, 0.87, stderr=(0.1875 / 50) ** 0.5, n=50)
    assert more_data(got, Region(0.7, None)) == "about 588 units would settle it, against 50 here"


def test_seeds_are_asked_for_where_seeds_dominate() -> None:
    got = interval(0.6, 0.9, stderr=0.035, seed_stderr=0.03, seeds=3)
    assert more_data(got, Region(0.7, None)) == "about 12 seeds would settle it, against 3 here"
    fewer = interval(0.6, 0.9, stderr=0.035, seed_stderr=0.01, seeds=3)
    assert more_data(fewer, Region(0.7, None)) == (
        "about 385 units would settle it, against 100 here"
    )


def test_perfect_score_on_few_units_asks_for_more_of_them() -> None:
    """All of 10 right, interval from .5: a limit of .75 needs .5 / .25 times as many."""
    got = interval(0.5, 1.0, mean=1.0, stderr=0.0, n=10)
    assert more_data(got, Region(0.75, None)) == "about 20 units would settle it, against 10 here"


def test_estimate_on_the_limit_is_settled_by_no_number() -> None:
    assert "no number of units" in more_data(interval(0.6, 0.8), Region(0.7, None))


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(0.4, 0.6), "must lie in 0.4 to 0.6"),
        (Region(0.5, None), "must be at least 0.5"),
        (Region(None, 0.5), "must be at most 0.5"),
        (Region(0, None, open=True), "must be above 0"),
        (Region(None, 0, open=True), "must be below 0"),
    ],
)
def test_region_in_words(region: Region, words: str) -> None:
    assert str(region) == words
