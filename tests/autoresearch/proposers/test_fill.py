"""The proposer that a name stands for."""

from pathlib import Path

import pytest

from harness.autoresearch.proposers import fill
from harness.autoresearch.proposers.fill import Wanted, proposer_for, proposer_names
from harness.autoresearch.proposers.optuna_search import OptunaSearch
from harness.record import HarnessError


def wanted(folder: Path, script: str | None = None) -> Wanted:
    if script is None:
        return Wanted(folder=folder, rung="process")
    path = folder / "script.yaml"
    path.write_text(script)
    return Wanted(folder=folder, rung="process", script=path)


def test_our_own_are_made_by_name(tmp_path: Path) -> None:
    assert proposer_for("optuna", wanted(tmp_path)).name == "optuna"
    assert proposer_for("scripted", wanted(tmp_path, "proposals: []")).name == "scripted"


def test_an_unknown_name_is_answered_with_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"did you mean 'optuna'.*scripted"):
        proposer_for("optunna", wanted(tmp_path))


@pytest.mark.parametrize(("name", "script"), [("optuna", "proposals: []"), ("scripted", None)])
def test_a_script_is_refused_where_it_is_not_wanted_and_missed_where_it_is(
    tmp_path: Path, name: str, script: str | None
) -> None:
    with pytest.raises(HarnessError, match="--script"):
        proposer_for(name, wanted(tmp_path, script))


def made(asked: Wanted) -> OptunaSearch:
    """What another package brings; it keeps what it was asked for."""
    guest = OptunaSearch()
    guest.name = str(asked.folder)
    return guest


def test_another_package_brings_a_proposer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "guest-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    entry = f"[{fill.GROUP}]\nguest = {__name__}:made\n"
    (package / "entry_points.txt").write_text(entry)
    monkeypatch.syspath_prepend(tmp_path)
    assert {"guest", "optuna", "scripted"} <= {*proposer_names()}
    assert proposer_for("guest", wanted(tmp_path)).name == str(tmp_path)
