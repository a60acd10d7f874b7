from pathlib import Path

import pytest

from agents.replicate.journal import Done, Journal, TurnBegan, TurnEnded, TurnHeld
from harness.record import HarnessError


def _journal(folder: Path) -> Journal:
    """One step done, one turn that was undone, and one that nobody looked at."""
    journal = Journal(folder / "journal.jsonl")
    journal.append(Done(step="text", note="read"))
    journal.append(TurnBegan(step="claims", turn=1))
    journal.append(TurnEnded(turn=1, how="done", session="s", message=None))
    journal.append(TurnHeld(turn=1, undone=("harness/x.py (added): not allowed",)))
    journal.append(TurnBegan(step="claims", turn=2))
    return journal


def test_what_is_next_follows_from_the_file_alone(tmp_path: Path) -> None:
    _journal(tmp_path)
    again = Journal(tmp_path / "journal.jsonl")
    assert again.is_done("text")
    assert not again.is_done("claims")
    assert again.turns("claims") == [1, 2]
    assert again.next_turn == 3
    assert again.open_turn == TurnBegan(step="claims", turn=2)
    assert (again.ended(1), again.ended(2)) == (again.entries[2], None)
    assert again.held(1) == TurnHeld(turn=1, undone=("harness/x.py (added): not allowed",))
    again.append(TurnHeld(turn=2, undone=()))
    assert again.open_turn is None


def test_a_line_that_a_crash_tore_is_cut_off_and_written_over(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"utc": "2026-01-01T00:00:00", "entry": {"kind": "do')
    again = Journal(path)
    assert list(again.entries) == list(journal.entries)
    assert path.read_bytes() == whole
    again.append(Done(step="claims", note="3 claims"))
    assert Journal(path).is_done("claims")


def test_a_damaged_line_in_the_middle_is_an_error_with_its_number(tmp_path: Path) -> None:
    _journal(tmp_path)
    path = tmp_path / "journal.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "{}", *lines[2:]]) + "\n")
    with pytest.raises(HarnessError, match=r"journal\.jsonl:2: no line of a journal"):
        Journal(path)
