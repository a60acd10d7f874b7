"""What every API does for a loop: send a conversation, and read what came back."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from agents.drivers.conversation import Item
from agents.drivers.driver import DriverName, Turn, Wire
from agents.drivers.event import Used
from agents.drivers.untrusted_json import Json

Stop = Literal["done", "calls", "again", "cut", "full", "refused"]
"""`calls`: it waits for the results of tools; `again`: it goes on when the same is sent again;
`cut`: at the most tokens of one answer; `full`: the conversation is too long for the model."""


class Call(NamedTuple):
    """A tool that a model asks for."""

    id: str
    tool: str
    arguments: Json
    problem: str | None = None
    """Why the arguments cannot be read."""


class Answer(NamedTuple):
    """What a loop takes from an answer, whatever the API's form."""

    text: str
    calls: tuple[Call, ...]
    stop: Stop
    used: Used | None
    """`None` where the server does not say."""


class Api(Protocol):
    """One API. Its SDK's own retries are switched off; the loop does them."""

    @property
    def name(self) -> DriverName:
        """The driver's."""
        ...

    @property
    def wire(self) -> Wire | None:
        """Which it speaks."""
        ...

    def version(self) -> str:
        """Of the software that sends. Raises `HarnessError` where it is not installed."""
        ...

    async def send(self, turn: Turn, items: Sequence[Item], *, seconds: float) -> Json:
        """The next answer in the API's own form. Raises `Unanswered`."""
        ...

    def read(self, answer: Json) -> Answer:
        """Raises `Unanswered` for what is not in the API's form."""
        ...
