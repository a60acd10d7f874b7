from pathlib import Path

import pytest

from harness.autoresearch.ledger.history import History
from harness.autoresearch.ledger.leaderboard import leaderboard
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import Telling, recipe, told_campaign


@pytest.fixture
def told(tmp_path: Path) -> Telling:
    return told_campaign(Store(tmp_path))


def test_the_highest_mean_over_dev_seeds_comes_first(told: Telling) -> None:
    rows = leaderboard(History(told.events))
    assert [(row.trial, row.title, row.seeds, row.kept) for row in rows] == [
        (4, "dense", 1, False),
        (5, "dense at the gate", 2, False),
        (8, "two at once", 2, False),
        (8, "two at once, without learning_rate", 1, True),
        (3, "lucky on dev", 2, False),
        (1, "warm up", 5, True),
        (2, "cool down", 1, False),
        (0, "baseline", 3, True),
    ]
    assert [row.mean for row in rows] == pytest.approx([0.99, 0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5])


def test_what_has_no_score_has_no_row(told: Telling) -> None:
    found = {row.candidate for row in leaderboard(History(told.events))}
    assert recipe(0.008).digest not in found, "a loophole that was reported"
    assert leaderboard(History(told.events[:1])) == ()
