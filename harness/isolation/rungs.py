"""How far commands are kept apart from the machine, best first, and which of it works here."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from harness.record import HarnessError

Rung = Literal["bubblewrap", "namespace", "process"]
"""On `process` nothing is read-only or hidden: only variables, limits and the kill hold."""

_SECONDS = 20
_INSTALL = {
    "bubblewrap": "install it (apt-get install bubblewrap)",
    "namespace": "it needs Linux 5.12, util-linux and the right to make namespaces",
    "process": "it needs Linux",
}


def available() -> list[Rung]:
    """Those that work on this machine, each found out by running a command on it."""
    return [rung for rung in get_args(Rung) if why_missing(rung) is None]


def choose(asked: Rung | Literal["best"]) -> Rung:
    """The rung asked for. Raises `HarnessError` where it does not work here."""
    works = available()
    if not works:
        raise HarnessError(f"isolation: none works here: {why_missing('process')}")
    if asked == "best":
        return works[0]
    if asked not in works:
        raise HarnessError(
            f"isolation: {asked} does not work here: {why_missing(asked)}; {_INSTALL[asked]}, "
            f"or choose: {', '.join(works)}"
        )
    return asked


@lru_cache
def why_missing(rung: Rung) -> str | None:
    """Why a rung does not work here; `None` where it does."""
    from harness.isolation.cell import Cell

    with TemporaryDirectory(prefix="cell-") as scratch:
        folder = Path(scratch) / "folder"
        folder.mkdir()
        cell = Cell(rung=rung, folder=folder, home=Path(scratch) / "home")
        try:
            ran = cell.finish(["sh", "-c", "echo > made"], deadline_seconds=_SECONDS)
        except HarnessError as error:
            return str(error)
        return None if ran.code == 0 else f"a command on it failed: {ran.output.strip()[-200:]}"
