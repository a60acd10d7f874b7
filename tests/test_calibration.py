"""A few hundred simulated claims with a known truth; benchmarks/calibration.py runs thousands."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def calibration(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    found = importlib.import_module("calibration")
    monkeypatch.setattr(importlib.import_module("simulated"), "UNITS", (60, 300))
    monkeypatch.setattr(found, "UNITS", (60, 300))
    return found


@pytest.mark.parametrize("kind", ["value", "bound", "ordering", "trend", "table", "equivalence"])
def test_verdicts_are_seldom_wrong_where_the_truth_is_known(
    calibration: ModuleType, kind: str
) -> None:
    """A few hundred claims: 5 % and the luck of so few; of the clear cases many are caught."""
    judged = list(calibration.verdicts(kind, clear=5, edge=10, seed=3))
    right = {True: ("replicated",), False: ("not_replicated", "partial")}
    for holds in (True, False):
        mine = [each for each in judged if each.holds == holds]
        total = sum(each.count for each in mine)
        wrong = sum(each.count for each in mine if each.outcome in right[not holds])
        assert total >= 80
        assert wrong <= 0.08 * total
    clear = [each for each in judged if each.truth == "outside"]
    caught = sum(each.count for each in clear if each.outcome in right[False])
    assert caught > 0.3 * sum(each.count for each in clear)


def test_intervals_hold_the_truth_about_as_often_as_they_say(calibration: ModuleType) -> None:
    found = list(calibration.coverage(count=30, seed=4))
    count = sum(each.count for each in found)
    assert count >= 600
    assert 0.93 <= sum(each.held for each in found) / count <= 0.985


def test_narrower_intervals_would_be_found_out(
    calibration: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: intervals at 80 % are not taken for intervals at 95 %."""
    at_95 = calibration.contrast
    monkeypatch.setattr(calibration, "contrast", lambda terms: at_95(terms, level=0.8))
    found = list(calibration.coverage(count=30, seed=4))
    assert sum(each.held for each in found) / sum(each.count for each in found) < 0.9
