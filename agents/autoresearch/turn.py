"""One task for the agent: turns until one ends of itself, each kept as it happens.

A turn that was killed goes on in its own session, under its own number; one that has ended is not
taken again.
"""

from collections.abc import Iterator
from pathlib import Path

from agents.autoresearch.engaged import Engaged
from agents.autoresearch.untouched import Untouched
from agents.autoresearch.workplace import Workplace
from agents.drivers.driver import Turn
from agents.drivers.event import Called, Ended, How, Said
from agents.drivers.recording import last_session, record, recorded
from agents.filled import filled
from harness.record import Record, read_text, write_text

PROMPTS = Path(__file__).parent / "prompts"
_MOST_FAILURES = 2
"""Turns in a row that may fail before the command gives up."""
_MOST_OUTPUT_TOKENS = 16_000
"""Of one answer."""
_OVER: tuple[How, ...] = ("done", "turns", "deadline")
"""What stands in the agent's folder after such an end is its answer."""


class TurnEnd(Record):
    """How a turn ended."""

    how: How
    session: str | None
    words: str | None
    """The agent's last; nothing follows from them."""
    message: str | None
    exhausted: str | None
    """Which limit of the budget refused a call."""
    trespass: str | None
    """What it changed outside of its folder, where that could be done."""

    @property
    def is_over(self) -> bool:
        """Whether what stands in the folder is the agent's answer."""
        return self.how == "done" or (self.how in _OVER and self.exhausted is None)


def take_turns(engaged: Engaged, place: Workplace, step: str) -> TurnEnd:
    """The end of the last turn of a task; `step` names the task in the meter's ledger.

    Raises `HarnessError` where a folder or the meter fails.
    """
    end = _last_end(place)
    for _ in range(_MOST_FAILURES):
        if end is not None and end.is_over:
            return end
        end = _take(engaged, place, step, end)
        if end.how != "failed" or end.exhausted is not None:
            return end
    assert end is not None
    return end


def _last_end(place: Workplace) -> TurnEnd | None:
    files = sorted(place.turns.glob("*/ended.json"))
    return TurnEnd.load(files[-1]) if files else None


def _take(engaged: Engaged, place: Workplace, step: str, before: TurnEnd | None) -> TurnEnd:
    """The turn after the last that ended: a new one, or the one that was killed."""
    number = 1 + len(list(place.turns.glob("*/ended.json")))
    folder = place.turns / f"{number:03}"
    if not (folder / "prompt.md").exists():
        write_text(folder / "prompt.md", _prompt(place, before))
    untouched = Untouched.before(folder / "outside.json", engaged.wanted, place.folder)
    meter = engaged.meter()
    with meter.serving():
        turn = Turn(
            prompt=read_text(folder / "prompt.md"),
            instructions=filled(PROMPTS / "instructions.md"),
            model=engaged.model,
            endpoint=meter.endpoint(step),
            cell=place.cell(engaged.wanted),
            memory=place.memory,
            deadline_seconds=60 * engaged.wanted.turn_minutes,
            max_output_tokens=_MOST_OUTPUT_TOKENS,
            session=_session(folder, before),
            number=number,
        )
        part = folder / f"part-{1 + len(_parts(folder))}"
        ended = _answered(record(engaged.driver, turn, part), folder)
    end = TurnEnd(
        how=ended.how,
        session=ended.session,
        words=ended.text,
        message=ended.message,
        exhausted=meter.exhausted,
        trespass=untouched.trespass() if untouched else None,
    )
    end.dump(folder / "ended.json")
    return end


def _prompt(place: Workplace, before: TurnEnd | None) -> str:
    if before is None:
        return place.prompt
    return filled(PROMPTS / "again.md", how=before.how)


def _session(folder: Path, before: TurnEnd | None) -> str | None:
    """Of this turn's own last part that has one, else of the turn before it."""
    named = [last_session(part) for part in reversed(_parts(folder))]
    own = next((each for each in named if each is not None), None)
    return own or (before.session if before else None)


def _parts(folder: Path) -> list[Path]:
    """One for each process that worked on the turn, the oldest first."""
    return sorted(folder.glob("part-*"), key=lambda part: int(part.name.removeprefix("part-")))


def _answered(ended: Ended, folder: Path) -> Ended:
    """A deadline before any answer of the model is the server's failure, and no answer."""
    if ended.how != "deadline" or any(_is_answer(folder)):
        return ended
    message = f"{ended.message}, without any answer of the model"
    return ended.model_copy(update={"how": "failed", "message": message})


def _is_answer(folder: Path) -> Iterator[bool]:
    for part in _parts(folder):
        yield from (isinstance(each.event, Said | Called) for each in recorded(part))
