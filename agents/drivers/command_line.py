"""Coding agents that are programs: run in a cell, their lines turned into events to the end."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.drivers.driver import Turn
from agents.drivers.event import Ended, Event, Unread, Used, Warned
from agents.drivers.program import Program, installed_in
from agents.drivers.untrusted_json import Json, parse_object
from harness.isolation import Job, Overdue
from harness.record import HarnessError
from harness.untrusted import tail

_LONGEST_MESSAGE = 1_000
_LONGEST_TYPE = 80


class Line(BaseModel):
    """What is read of an object that a program prints; keys that are not known are passed over."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True)


class Command(NamedTuple):
    """What is run; the prompt is its input."""

    program: Program
    arguments: Sequence[str]
    variables: Mapping[str, str]


@dataclass
class Reading(ABC):
    """What the lines of one turn have told so far."""

    session: str | None = None
    used: Used | None = None
    end: Ended | None = None
    """What the program itself says of the turn's end; `None` where it has not said."""

    @abstractmethod
    def events(self, line: Json) -> Iterator[Event]:
        """What one line tells. Raises `ValidationError` for one in another form."""


def run_command(
    command: Command, turn: Turn, reading: Reading, raw: Callable[[str], None]
) -> Iterator[Event]:
    """Run it to its end or to the deadline; nothing that it started outlives this.

    What the program says of its end counts, whatever its exit code. Where it says nothing the turn
    has failed, or has met its deadline.
    """
    try:
        ended = yield from _until_ended(command, turn, reading, raw)
    except HarnessError as error:
        ended = Ended(how="failed", message=str(error))
    if reading.used is not None:
        yield reading.used
    yield ended.model_copy(update={"session": reading.session or turn.session})


def cut(text: str) -> str:
    """A message of a program, short enough to be shown."""
    return tail(text, _LONGEST_MESSAGE)


def _until_ended(
    command: Command, turn: Turn, reading: Reading, raw: Callable[[str], None]
) -> Generator[Event, None, Ended]:
    path = command.program.path
    needed = (*turn.cell.also_readable, installed_in(path))
    job = replace(turn.cell, also_readable=needed).job(
        [str(path), *command.arguments],
        deadline_seconds=turn.deadline_seconds,
        variables=command.variables,
        given=turn.prompt,
    )
    with job:
        try:
            for line in job.lines():
                raw(line)
                yield from _events(line, reading)
            return reading.end or _died(job, job.wait())
        except Overdue:
            return reading.end or Ended(
                how="deadline", message=f"no end within {turn.deadline_seconds:g} s"
            )


def _events(text: str, reading: Reading) -> Iterator[Event]:
    if not text.strip():
        return
    try:
        line = parse_object(text)
    except ValueError as error:
        yield Warned(message=f"a line that is no JSON object ({error}): {cut(text)}")
        return
    try:
        yield from reading.events(line)
    except ValidationError:
        yield Unread(type=tail(str(line.get("type")), _LONGEST_TYPE))


def _died(job: Job, code: int) -> Ended:
    """It stopped without a last word; what it printed as errors may tell why."""
    return Ended(how="failed", message=cut(f"exit code {code}\n{job.errors}"))
