"""The board that a person watches, and the lines that a log gets instead."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.machine.desk import Moment
from harness.cli.autoresearch_board import Board, Lines, watching
from tests.autoresearch.report.told import Teller, recipe, told_campaign


def console(width: int = 130) -> Console:
    return Console(record=True, width=width, file=StringIO(), force_terminal=True)


def text_of(board: Board, on: Console) -> str:
    on.print(board.drawn())
    return on.export_text()


def test_the_board_shows_the_whole_state(tmp_path: Path) -> None:
    campaign, on = told_campaign(tmp_path, sealed=False), console()
    board = Board(campaign.ledger, on)
    board.tell(Moment(campaign.history, "training, trial 15, dev seed 3000", 600.0))
    board.progress("trial 15, dev seed 3000", 430, 1000)
    shown = text_of(board, on)
    for said in (
        "told-f1, greedy, scripted, bubblewrap",
        "trial 12, loss on dead latents",
        "+0.0570 [",
        "dev p 0.88, no look (trial 13, 3 pairs); gate p 0.0007 ≤ 0.0500 (trial 12, 5 pairs)",
        "14 of 20: 6 rejected, 3 kept, 2 refused, 2 invalid, 1 loophole",
        "dollars $0.54",
        "0.0275 spent, 0.0225 left",
        "2 trials without a keep, of 6",
        "training, trial 15, dev seed 3000",
        "43 %",
    ):
        assert said in shown.replace("\u00a0", " "), said


def test_the_last_eight_trials_are_listed_with_sign_and_word(tmp_path: Path) -> None:
    campaign, on = told_campaign(tmp_path, sealed=False), console()
    listed = text_of(Board(campaign.ledger, on), on).split("╯\n")[1].splitlines()
    signs = [" ".join(line.split()[:3]) for line in listed if line[:4].strip().isdigit()]
    assert signs == [
        *("7 ? loophole", "8 ✔ kept", "9 ○ rejected", "10 ○ rejected"),
        *("11 ⊘ refused", "12 ✔ kept", "13 ○ rejected", "14 ✘ invalid"),
    ]


def test_a_title_of_a_candidate_colours_nothing_and_moves_no_cursor(tmp_path: Path) -> None:
    tell, on = Teller(tmp_path), console()
    tell.proposed("[bold red]loud[/] \x1b[2J\u202eend", recipe(0.002))
    shown = text_of(Board(tell.campaign.ledger, on), on)
    assert "[bold red]loud[/] end" in shown
    assert "\x1b[2J" not in shown


def test_pace_counts_the_trials_of_this_run_alone(tmp_path: Path) -> None:
    tell, on = Teller(tmp_path), console()
    tell.rejected("before", recipe(0.002), -0.01, 1)
    board = Board(tell.campaign.ledger, on)
    board.tell(Moment(tell.campaign.history, "proposes", 60.0))
    assert "no trial has ended yet, after 60 s" in text_of(board, on)
    tell.rejected("since", recipe(0.003), -0.01, 1)
    board.tell(Moment(tell.campaign.history, "proposes", 360.0))
    assert "10.0 trials/h; the 18 left take about 108 min" in text_of(board, on)


def test_a_new_step_has_a_bar_of_its_own(tmp_path: Path) -> None:
    on = console()
    board = Board(Teller(tmp_path).campaign.ledger, on)
    board.progress("seed 0", 10, 10)
    board.progress("seed 1", 5, 10)
    shown = text_of(board, on)
    assert "seed 1" in shown and "50 %" in shown and "seed 0" not in shown


def test_a_log_gets_a_line_for_each_thing_that_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = Teller(tmp_path).campaign.history
    lines = Lines()
    for seconds, doing in ((0.0, "scoring"), (5.0, "scoring"), (3725.0, "trial 1: kept")):
        lines.tell(Moment(history, doing, seconds))
        lines.progress("seed 0", 1, 2)
    assert capsys.readouterr().err == "0:00:00 scoring\n1:02:05 trial 1: kept\n"


@pytest.mark.parametrize(
    ("terminal", "plain", "kind"),
    [(True, False, Board), (True, True, Lines), (False, False, Lines)],
)
def test_the_board_is_for_terminals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool, plain: bool, kind: Any
) -> None:
    monkeypatch.setattr(Console, "is_terminal", terminal)
    campaign: Campaign = Teller(tmp_path).campaign
    with watching(campaign.ledger, plain=plain) as watcher:
        assert isinstance(watcher, kind)
