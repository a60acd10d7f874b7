"""A turn as it is kept: the prompt, each line as it came, each event, and a transcript to read.

The endpoint's key is in none of them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from agents.drivers.driver import Driver, Turn
from agents.drivers.event import Ended, Event, Started
from agents.drivers.transcript import transcript
from harness.lines import append_line, whole_lines
from harness.record import HarnessError, Record, write_text

PROMPT, RAW, EVENTS, TRANSCRIPT = "prompt.md", "raw.jsonl", "events.jsonl", "transcript.md"
_KEY_HIDDEN = "[key]"


class Recorded(Record):
    """One line of `events.jsonl`."""

    time: str
    """UTC, as ISO 8601."""
    event: Event


def record(driver: Driver, turn: Turn, folder: Path) -> Ended:
    """Run a turn and keep it in a folder of its own; the transcript is written however it ends.

    Raises `HarnessError` where the folder cannot be written.
    """
    public = partial(_without, turn.endpoint.key)
    write_text(folder / PROMPT, public(turn.prompt))
    try:
        return _kept(driver, turn, folder, public)
    finally:
        write_text(folder / TRANSCRIPT, transcript(public(turn.prompt), _events(folder)))


def recorded(folder: Path) -> list[Recorded]:
    """The events of a turn so far; one that a crash tore off is left out.

    Raises `HarnessError` for a line that is none.
    """
    path = folder / EVENTS
    try:
        return [Recorded.model_validate_json(line) for line in whole_lines(path)]
    except ValidationError as error:
        raise HarnessError(f"{path}: no recorded event: {error.errors()[0]['msg']}") from error


def last_session(folder: Path) -> str | None:
    """The session that the events of a turn name, to go on with after a crash."""
    named = [event.session for event in _events(folder) if isinstance(event, Started | Ended)]
    return next((each for each in reversed(named) if each is not None), None)


def _kept(driver: Driver, turn: Turn, folder: Path, public: Callable[[str], str]) -> Ended:
    event: Event | None = None
    for event in driver.run(turn, lambda line: append_line(folder / RAW, public(line))):
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = Recorded(time=now, event=event).model_dump_json()
        append_line(folder / EVENTS, public(line))
    assert isinstance(event, Ended), event
    return Ended.model_validate_json(public(event.model_dump_json()))


def _events(folder: Path) -> list[Event]:
    return [each.event for each in recorded(folder)]


def _without(key: str, text: str) -> str:
    return text.replace(key, _KEY_HIDDEN) if key else text
