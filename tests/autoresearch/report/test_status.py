"""The numbers of `status`: what is unknown is none, and no zero."""

from pathlib import Path

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.report.alpha import alpha_of
from harness.autoresearch.report.cost import cost_of
from harness.autoresearch.report.status import Status, status_of
from harness.autoresearch.report.wording import against, chance, dollars, duration
from tests.autoresearch.report.told import Teller, recipe


def status(campaign: Campaign) -> Status:
    ledger = campaign.ledger
    return status_of(ledger.history, ledger.lines, ledger.head)


def test_a_new_campaign_has_no_gain_no_test_and_no_price(tmp_path: Path) -> None:
    found = status(Teller(tmp_path).campaign)
    assert (found.incumbent.trial, found.incumbent.title) == (0, "baseline")
    assert found.baseline == found.incumbent.dev
    assert found.baseline is not None
    assert found.baseline.mean == pytest.approx(0.8 + 0.002 / 3)
    nothing = (found.dev_gain, found.gate_gain, found.shrunken_gain, found.sealed_gain)
    assert nothing == (None, None, None, None)
    assert (found.last_dev, found.last_gate, found.under_way, found.stopped) == (None,) * 4
    assert (found.cost.usd, found.cost.tokens, found.cost.trainings) == (None, None, 3)


def test_a_price_of_nothing_is_known_and_a_missing_one_is_not(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    tell.proposed("free", recipe(0.002), usd=0.0, tokens=0)
    cost = cost_of(tell.campaign.ledger.lines)
    assert (cost.usd, cost.tokens, cost.priced) == (0.0, 0, 1)
    assert dollars(cost.usd, cost.priced, cost.proposals) == "$0.00"
    assert dollars(None, 0, 1) == "unknown"


def test_the_cost_is_added_up(sealed: Campaign) -> None:
    cost = status(sealed).cost
    assert cost.usd == pytest.approx(0.12 + 0.30 + 0.12)
    assert (cost.tokens, cost.proposals, cost.priced) == (170_000, 14, 3)
    runs = len(sealed.history.scores)
    assert cost.trainings == runs + 2
    assert cost.busy_seconds == pytest.approx(32 * runs + 4 + 31)


def test_alpha_that_a_keep_hands_on_is_not_spent(sealed: Campaign) -> None:
    """1 and 2 spend; 3 is kept; 5 has twice; 6 spends; 8 is kept; 9 has twice; and so on."""
    found, share = alpha_of(sealed.history), 0.05 / 20
    assert found.tested == 11
    assert found.spent == pytest.approx(share * (1 + 1 + 2 + 1 + 2 + 1 + 2 + 1))
    assert found.left == pytest.approx(0.05 - found.spent)
    assert found.next_level == pytest.approx(share)


def test_every_outcome_is_counted_and_the_last_tests_are_named(sealed: Campaign) -> None:
    found = status(sealed)
    assert found.outcomes == {
        "kept": 3,
        "rejected": 6,
        "invalid": 2,
        "refused": 2,
        "loophole": 1,
    }
    assert found.last_dev is not None and found.last_gate is not None
    assert (found.last_dev.trial, found.last_gate.trial) == (13, 12)
    assert (found.since_keep, found.stopped) == (2, "plateau")
    assert found.sealed_gain is not None and found.sealed_gain.mean == pytest.approx(0.047)


def test_the_trial_under_way_is_named_with_its_pairs(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    digest = tell.proposed("half done", recipe(0.002))
    tell.pairs(digest, 0.01, 2)
    found = status(tell.campaign).under_way
    assert found is not None
    assert (found.trial, found.title, found.pairs, found.looks) == (1, "half done", 2, (3, 5, 8))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (chance(0.00042), "0.0004"),
        (chance(4.2e-7), "4.2×10⁻⁷"),
        (chance(0.31), "0.31"),
        (chance(0.0), "0.0000"),
        (against(0.01, 0.05), "p 0.0100 ≤ 0.0500"),
        (against(0.2, 0.05), "p 0.20 > 0.0500"),
        (against(0.01, 0.0), "p 0.0100, no look"),
        (duration(48), "48 s"),
        (duration(720), "12 min"),
        (duration(11_100), "3 h 05 min"),
        (dollars(1.5, 2, 3), "$1.50, 1 proposal without a known price"),
    ],
)
def test_numbers_are_worded(said: str, words: str) -> None:
    assert said == words
