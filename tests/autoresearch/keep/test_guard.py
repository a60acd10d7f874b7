import pytest

from harness.autoresearch.keep.guard import broken
from harness.autoresearch.task import Guardrail

VARIANCE = Guardrail(metric="variance_explained", tolerance=0.02)
DEAD = Guardrail(metric="dead_fraction", tolerance=0.05, higher_is_better=False)
INCUMBENT = [
    {"variance_explained": 0.90, "dead_fraction": 0.1},
    {"variance_explained": 0.80, "dead_fraction": 0.1},
]


def scores(variance: float, dead: float) -> list[dict[str, float]]:
    return [{"variance_explained": variance, "dead_fraction": dead}] * 2


def test_means_within_tolerance_hold() -> None:
    assert broken([VARIANCE, DEAD], scores(0.84, 0.14), INCUMBENT) is None
    assert broken([], scores(0.0, 1.0), INCUMBENT) is None


def test_the_first_broken_guardrail_is_told_in_words() -> None:
    told = broken([VARIANCE, DEAD], scores(0.8, 0.9), INCUMBENT)
    assert told is not None
    assert told.startswith("variance_explained is 0.8, the incumbent's 0.85: worse by 0.05")


def test_where_lower_is_better_a_rise_is_worse_and_a_fall_is_not() -> None:
    told = broken([VARIANCE, DEAD], scores(0.99, 0.2), INCUMBENT)
    assert told is not None and told.startswith("dead_fraction")
    assert broken([DEAD], scores(0.0, 0.0), INCUMBENT) is None


def test_a_guardrail_without_a_score_does_not_pass() -> None:
    with pytest.raises(KeyError):
        broken([DEAD], [{"variance_explained": 0.9}] * 2, INCUMBENT)
