"""A script: what an agent without a model does, turn by turn."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, model_validator

from harness.record import HarnessError, Record


class Write(Record):
    """A file, and all of it."""

    path: str
    content: str


class Replace(Record):
    """A piece of a file that stands in it once, and what takes its place."""

    path: str
    old: str
    new: str


class Action(Record):
    """One thing that is done; exactly one key is given."""

    say: str | None = None
    bash: str | None = None
    write: Write | None = None
    replace: Replace | None = None
    sleep_seconds: NonNegativeFloat | None = None
    ask: str | None = None
    """One real call of the model, which is metered."""
    fail: str | None = None
    """End the turn as failed, for this reason."""

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            raise HarnessError(f"one of {', '.join(type(self).model_fields)} is needed")
        return self


class Script(Record):
    """What `--script` names. The last turn is repeated."""

    turns: Annotated[tuple[tuple[Action, ...], ...], Field(min_length=1)]

    def turn(self, number: int) -> tuple[Action, ...]:
        """Actions of a turn, numbered from 1."""
        return self.turns[min(number, len(self.turns)) - 1]
