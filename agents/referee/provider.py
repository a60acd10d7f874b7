"""What every provider's client does: send one question over HTTP and hand back text."""

from typing import NamedTuple, Protocol

from agents.referee.prompt import Prompt
from agents.referee.transcript import Usage
from agents.sdk.unanswered import Problem


class Said(NamedTuple):
    """A response in the form of its API, whatever the model said in it."""

    text: str
    model: str | None
    usage: Usage | None
    body: str
    """The whole response as it came."""
    stopped: Problem | None
    """A refusal, or a text that was cut off; its tokens are spent all the same."""


class Provider(Protocol):
    """One client of one API. Its own retries are switched off; `asking` does them."""

    @property
    def sdk(self) -> str:
        """Name and version of what sends."""
        ...

    async def send(self, prompt: Prompt, *, seconds: float) -> Said:
        """Ask once. Raises `Unanswered`."""
        ...

    async def close(self) -> None:
        """Cut the connection."""
        ...
