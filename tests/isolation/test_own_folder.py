"""Whatever a command puts in place of the harness's folders, the next command runs all the same."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.isolation import Rung, make_own_folder
from tests.isolation.conftest import MakeCell

SHELL = {
    "a file": "rm -rf $HOME/tmp; touch $HOME/tmp",
    "a link to nothing": "rm -rf $HOME/tmp; ln -s /nowhere $HOME/tmp",
    "a link to a folder": "rm -rf $HOME/tmp; ln -s / $HOME/tmp",
    "a link to itself": "rm -rf $HOME/tmp; ln -s tmp $HOME/tmp",
    "a pipe": "rm -rf $HOME/tmp; mkfifo $HOME/tmp",
    "closed": "chmod 0 $HOME/tmp; chmod 0 $HOME",
    "gone": "rm -rf $HOME/tmp",
}


@pytest.mark.parametrize("way", SHELL)
def test_a_cell_outlives_what_becomes_of_its_tmp(make_cell: MakeCell, rung: Rung, way: str) -> None:
    cell = make_cell(rung)
    assert cell.finish(["bash", "-c", SHELL[way]], deadline_seconds=20).code == 0
    done = cell.finish(["bash", "-c", "echo x > $TMPDIR/x; ls $TMPDIR"], deadline_seconds=20)
    assert (done.code, done.output) == (0, "x\n")
    assert not (cell.home / "tmp").is_symlink()


WAYS: dict[str, Callable[[Path], object]] = {
    "file": lambda place: place.write_text("x"),
    "link": lambda place: place.symlink_to("elsewhere"),
    "pipe": os.mkfifo,
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_real_folder_stands_there_and_no_target_is_touched(tmp_path: Path, way: str) -> None:
    home = tmp_path / "home"
    (home / "elsewhere").mkdir(parents=True)
    WAYS[way](home / "own")
    folder = make_own_folder(home, "own")
    (folder / "x").write_text("x")
    assert folder.is_dir()
    assert not folder.is_symlink()
    assert list((home / "elsewhere").iterdir()) == []
    assert make_own_folder(home, "own") == folder
    assert (folder / "x").read_text() == "x", "what a real folder holds is kept"


def test_what_was_closed_is_opened_and_other_bits_stay(tmp_path: Path) -> None:
    folder = make_own_folder(tmp_path / "home", "own")
    folder.chmod(0o055)
    folder.parent.chmod(0o000)
    make_own_folder(tmp_path / "home", "own")
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == 0o755
