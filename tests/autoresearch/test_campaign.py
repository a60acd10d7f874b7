"""A campaign's folder: how it begins, and what beside it a cell must not see."""

from pathlib import Path

import pytest

from harness.autoresearch.campaign import Campaign, Setup, with_neighbours
from harness.autoresearch.scorer.secret import Secret
from harness.record import HarnessError
from tests.autoresearch.planted import planted_task


def test_a_copy_beside_a_campaign_is_out_of_sight_as_it_is(tmp_path: Path) -> None:
    for name in ("mine", "copy of mine", "notes"):
        (tmp_path / name).mkdir()
    for name in ("mine", "copy of mine"):
        Secret.draw(1).write(tmp_path / name / "secret.key")
    assert with_neighbours(tmp_path / "mine") == (tmp_path / "mine", tmp_path / "copy of mine")


def test_a_start_that_was_cut_short_says_what_to_do_and_keeps_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    Secret.draw(1).write(folder / "secret.key")
    with pytest.raises(HarnessError, match=r"secret\.key: a key without a ledger.*delete"):
        Campaign.begin(folder, Setup(task=planted_task(tmp_path), rung="process"))
    assert Secret.read(folder / "secret.key") == Secret.draw(1)
    assert not (folder / "ledger.jsonl").exists()


@pytest.mark.parametrize("content", ["", '{"number":0,"utc"'])
def test_a_ledger_without_a_whole_line_is_no_campaign(tmp_path: Path, content: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(content)
    with pytest.raises(HarnessError, match=r"ledger\.jsonl: empty.*begin again"):
        Campaign.open(tmp_path)
