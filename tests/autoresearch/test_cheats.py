"""Every cheat fails, and the ledger names it."""

from pathlib import Path

import pytest

from harness.isolation.rungs import available
from tests.autoresearch.cheats import cheated, cheats, end_of


@pytest.mark.timeout(900)
def test_every_cheat_fails_and_is_named_in_the_ledger(tmp_path: Path) -> None:
    rung = available()[0]
    if rung == "process":
        pytest.skip("nothing is out of a recipe's sight on the isolation `process`")
    campaign = cheated(tmp_path, rung)
    wanted = {each.name: each.ends for each in cheats(campaign.folder)}
    found = {
        each.proposed.title: end_of(each, campaign.history) for each in campaign.history.trials
    }
    assert found == wanted
    assert campaign.history.incumbent.trial == 0
