"""Earlier trials by words and by likeness, for people and for agents that propose.

An agent has no campaign in reach but a folder with `trials.jsonl`: the same records.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit, table

if TYPE_CHECKING:
    from harness.autoresearch.ledger.search import Hit
    from harness.autoresearch.proposers.proposer import Remembered

RECORDS = "trials.jsonl"
_LARGEST = 256 * 1024
"""Bytes of a file that trials are held against."""
_TITLE, _WHY = 80, 160
Folder = Annotated[Path, typer.Argument(help="A campaign, or a folder with trials.jsonl.")]
Most = Annotated[int, typer.Option(min=1, help="Trials to show.")]


def search(
    folder: Folder,
    words: Annotated[list[str], typer.Argument(help="In title, reason, diff or outcome.")],
    most: Most = 10,
    as_json: JsonFlag = False,
) -> None:
    """Find earlier trials by words, dead ends too."""
    from harness.autoresearch.ledger.search import search as find

    _deliver(find(_remembered(folder), " ".join(words))[:most], as_json=as_json)


def similar(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="A diff, or a text that says what is planned.")],
    most: Most = 5,
    as_json: JsonFlag = False,
) -> None:
    """Find the earlier trials that are most like a diff or a plan."""
    from harness.autoresearch.ledger.search import similar as find

    _deliver(find(_remembered(folder), _text(file), most=most), as_json=as_json)


def _remembered(folder: Path) -> "Sequence[Remembered]":
    """Raises `HarnessError` where the folder holds neither."""
    if (folder / RECORDS).is_file():
        from harness.autoresearch.proposers.proposer import Remembered

        path = folder / RECORDS
        return Remembered.parse_lines(path) if path.stat().st_size else []
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.ledger.memory import memory

    campaign = Campaign.open(folder)
    return memory(campaign.history, campaign.store)


def _text(path: Path) -> str:
    """Raises `HarnessError` for what is no text of a sensible size."""
    from harness.record import HarnessError, read_text

    if path.is_file() and path.stat().st_size > _LARGEST:
        raise HarnessError(f"{path}: larger than {_LARGEST // 1024} KiB")
    return read_text(path)


def _deliver(hits: "Sequence[Hit]", *, as_json: bool) -> None:
    content = [{"match": hit.score, **hit.trial.model_dump(mode="json")} for hit in hits]
    emit(content, as_json, lambda: table([_row(hit) for hit in hits]))


def _row(hit: "Hit") -> dict[str, str]:
    from rich.markup import escape

    from harness.autoresearch.report.wording import one_line, signed

    trial = hit.trial
    return {
        "trial": str(trial.trial),
        "match": f"{hit.score:.2f}",
        "outcome": trial.outcome,
        "change": escape(one_line(trial.title, _TITLE)),
        "gain": signed(trial.gain),
        "why": escape(one_line(trial.why, _WHY)),
    }
