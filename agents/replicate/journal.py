"""What has happened in a campaign, one event a line. What is next follows from it alone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from agents.drivers.event import How
from harness.lines import append_line, cut_torn, whole_lines
from harness.record import HarnessError, Record

StepName = Literal[
    "text", "claims", "freeze", "specs", "run", "judge", "reading", "review", "publish"
]
STEPS: tuple[StepName, ...] = get_args(StepName)
AgentStep = Literal["claims", "specs", "run", "reading"]
"""Those in which the agent has turns; in `run` only where an experiment fails."""
Why = Literal["budget", "rounds", "agent", "outside", "review", "paused", "remote"]
"""Why a campaign stopped before its end."""


class TurnBegan(Record):
    """The agent was given a prompt, which lies in the turn's folder."""

    kind: Literal["turn_began"] = "turn_began"
    step: AgentStep
    turn: int


class TurnEnded(Record):
    """The agent stopped, or was stopped."""

    kind: Literal["turn_ended"] = "turn_ended"
    turn: int
    how: How
    session: str | None
    message: str | None


class TurnHeld(Record):
    """What it changed was held against what the step may change."""

    kind: Literal["turn_held"] = "turn_held"
    turn: int
    undone: tuple[str, ...]
    """What lay outside, for which the whole turn was undone; empty where it was accepted."""


class Done(Record):
    """A step is finished and is not taken again."""

    kind: Literal["done"] = "done"
    step: StepName
    note: str


class Stopped(Record):
    """The campaign ended before its last step; the same command goes on."""

    kind: Literal["stopped"] = "stopped"
    step: StepName
    why: Why
    message: str


Entry = Annotated[TurnBegan | TurnEnded | TurnHeld | Done | Stopped, Field(discriminator="kind")]


class Line(Record):
    """An entry and when it was written."""

    utc: str
    entry: Entry


_LINE = TypeAdapter(Line)


class Entries:
    """What follows from the entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)

    @property
    def entries(self) -> Sequence[Entry]:
        """In the order in which they happened."""
        return self._entries

    def is_done(self, step: StepName) -> bool:
        """Whether a step is finished."""
        return any(isinstance(each, Done) and each.step == step for each in self.entries)

    @property
    def done(self) -> tuple[StepName, ...]:
        """Steps that are finished, in their order."""
        return tuple([step for step in STEPS if self.is_done(step)])

    def turns(self, step: StepName) -> list[int]:
        """Numbers of the turns that began in a step."""
        began = [each for each in self.entries if isinstance(each, TurnBegan)]
        return [each.turn for each in began if each.step == step]

    @property
    def next_turn(self) -> int:
        """Turns are numbered through the campaign from 1."""
        return 1 + sum(isinstance(each, TurnBegan) for each in self.entries)

    def ended(self, turn: int) -> TurnEnded | None:
        """How a turn ended; `None` where the orchestrator was killed before it did."""
        found = [each for each in self.entries if isinstance(each, TurnEnded) and each.turn == turn]
        return found[-1] if found else None

    def held(self, turn: int) -> TurnHeld | None:
        """What became of a turn's changes; `None` where nobody has looked yet."""
        found = [each for each in self.entries if isinstance(each, TurnHeld) and each.turn == turn]
        return found[-1] if found else None

    @property
    def open_turn(self) -> TurnBegan | None:
        """The turn that began and whose changes nobody has looked at yet."""
        began = [each for each in self.entries if isinstance(each, TurnBegan)]
        return began[-1] if began and self.held(began[-1].turn) is None else None


class Journal(Entries):
    """An append-only file; a line is on disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        """Reads what is there; a last line that was torn by a crash is cut off."""
        self._path = path
        cut_torn(path)
        super().__init__(read_journal(path).entries)

    def append(self, entry: Entry) -> None:
        """Write one entry. Raises `HarnessError` where the disk is full."""
        line = Line(utc=datetime.now(UTC).isoformat(timespec="milliseconds"), entry=entry)
        append_line(self._path, line.model_dump_json())
        self._entries.append(entry)


def read_journal(path: Path) -> Entries:
    """A journal as it stands, a torn last line passed over; changes nothing.

    Raises `HarnessError` naming file and line.
    """
    return Entries(_read(path))


def _read(path: Path) -> Iterator[Entry]:
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            yield _LINE.validate_json(line).entry
        except ValidationError as error:
            told = error.errors()[0]["msg"]
            raise HarnessError(f"{path}:{number}: no line of a journal: {told}") from error
