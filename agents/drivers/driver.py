"""What is asked of an agent in one turn, and what every driver does with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from agents.drivers.event import Event
from harness.isolation import Cell

DriverName = Literal["claude_code", "codex", "anthropic", "openai", "openai_compatible", "scripted"]
Wire = Literal["anthropic", "openai", "openai_compatible"]
"""Which API a driver speaks: Messages, Responses, Chat Completions."""


class Endpoint(NamedTuple):
    """Where a driver sends its calls: the meter on this machine, with a key that is good there
    alone."""

    url: str
    """Without a path: `http://127.0.0.1:PORT`; `/v1/messages`, `/v1/responses` and
    `/v1/chat/completions` lie below."""
    key: str


@dataclass(frozen=True)
class Turn:
    """One prompt, and the agent's work until it stops of itself."""

    prompt: str
    instructions: str
    """What every agent is told first; no file of the tree is read as an instruction."""
    model: str
    endpoint: Endpoint
    cell: Cell
    """Where its commands run and what they may write; `cell.folder` is the working tree."""
    memory: Path
    """Folder for what a driver must keep to go on after a crash; outside of the working tree."""
    deadline_seconds: float
    max_output_tokens: int
    """Of one answer."""
    session: str | None = None
    """Of an earlier turn or of this one's first part, to go on with."""
    number: int | None = None
    """Of the turn in its campaign; `None` where nobody counts. A turn of a loop that has ended, and
    is asked for again under its number, ends as it did and asks nothing."""


class Driver(Protocol):
    """One kind of agent."""

    @property
    def name(self) -> DriverName:
        """As `--driver` takes it."""
        ...

    @property
    def wire(self) -> Wire | None:
        """The API that it speaks; `None` where it asks no model."""
        ...

    def version(self) -> str:
        """Name and version of the software. Raises `HarnessError` where it is not installed."""
        ...

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        """Run the agent; `raw` is given each line as it came. The last event, and only that, is an
        `Ended`, whatever the agent, the server or the network does."""
        ...
