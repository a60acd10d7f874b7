"""Cells on every rung that works here; a rung that does not is skipped with its reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.isolation import Cell, Rung
from harness.isolation.rungs import why_missing

MakeCell = Callable[..., Cell]


def required(rung: Rung) -> Rung:
    missing = why_missing(rung)
    if missing is not None:
        pytest.skip(f"{rung}: {missing}")
    return rung


@pytest.fixture(params=["bubblewrap", "namespace", "process"])
def rung(request: pytest.FixtureRequest) -> Rung:
    """Every rung."""
    return required(request.param)


@pytest.fixture(params=["bubblewrap", "namespace"])
def apart(request: pytest.FixtureRequest) -> Rung:
    """The rungs that keep commands apart from the machine."""
    return required(request.param)


@pytest.fixture
def make_cell(tmp_path: Path) -> MakeCell:
    """A cell with its own folder and home."""

    def make(rung: Rung, **settings: Any) -> Cell:
        (tmp_path / "tree").mkdir(exist_ok=True)
        return Cell(rung=rung, folder=tmp_path / "tree", home=tmp_path / "home", **settings)

    return make
