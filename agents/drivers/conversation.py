"""A conversation with a model, kept so that a crash repeats no step of it.

Each item is on disk before anything follows from it: an answer before its calls are run, a call's
begin before the call, a result before it is sent. A call that began and has no result was under way
at a crash, and nobody knows what it did: it is not run again.
"""

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from agents.drivers.event import How
from agents.drivers.untrusted_json import Json
from harness.lines import append_line, cut_torn, whole_lines
from harness.record import HarnessError, Record

_NAME = re.compile(r"[0-9a-f]{16}|scripted")


class Prompted(Record):
    """A turn begins."""

    kind: Literal["prompted"] = "prompted"
    text: str
    turn: int | None = None
    """Its number in the campaign; `None` where nobody counts."""


class Noted(Record):
    """What the loop itself says to the model in the midst of a turn."""

    kind: Literal["noted"] = "noted"
    text: str


class Answered(Record):
    """What the model said."""

    kind: Literal["answered"] = "answered"
    answer: Json
    """As it came, in the form of the API."""
    is_refusal: bool = False
    """Whether the model declined; such an answer is not sent again."""


class Began(Record):
    """A tool is about to run."""

    kind: Literal["began"] = "began"
    place: int
    """Of the call among those of the answer before it, from 0."""


class Resulted(Record):
    """What became of a call."""

    kind: Literal["resulted"] = "resulted"
    place: int
    call: str
    """Its id."""
    ok: bool
    output: str


class Ended(Record):
    """The turn is over."""

    kind: Literal["ended"] = "ended"
    how: How
    text: str | None = None
    message: str | None = None


Item = Prompted | Noted | Answered | Began | Resulted | Ended
_ITEM: TypeAdapter[Item] = TypeAdapter(Annotated[Item, Field(discriminator="kind")])


class OfLast(NamedTuple):
    """What has happened to the calls of the last answer, by their places."""

    began: frozenset[int]
    resulted: frozenset[int]


class Conversation:
    """The items of one session, in a file of its own."""

    def __init__(self, memory: Path, session: str | None) -> None:
        """Opens the session's file, or begins another session where there is none.

        Raises `HarnessError` for a file that holds anything else.
        """
        known = session is not None and _NAME.fullmatch(session) is not None
        self.session = session if session and known else secrets.token_hex(8)
        self._path = memory / f"{self.session}.jsonl"
        cut_torn(self._path)
        self._items = [_read(self._path, line) for line in whole_lines(self._path)]

    @property
    def items(self) -> Sequence[Item]:
        """In the order in which they came."""
        return self._items

    @property
    def last_answer(self) -> Answered | None:
        """Of this turn; `None` where nothing has been answered since its prompt."""
        for item in reversed(self._items):
            match item:
                case Answered():
                    return item
                case Prompted():
                    return None
                case _:
                    continue
        return None

    @property
    def of_last(self) -> OfLast:
        """What has happened since the last answer."""
        since = self._items[1 + max(_places(self._items, Answered), default=-1) :]
        return OfLast(
            frozenset(item.place for item in since if isinstance(item, Began)),
            frozenset(item.place for item in since if isinstance(item, Resulted)),
        )

    @property
    def answers(self) -> int:
        """How many this turn has had."""
        turn = self._items[max(_places(self._items, Prompted), default=0) :]
        return len(_places(turn, Answered))

    def is_amid(self, prompt: Prompted) -> bool:
        """Whether it is in the midst of the turn that began with a prompt."""
        last = max(_places(self._items, Prompted), default=None)
        if last is None or _places(self._items[last:], Ended):
            return False
        return self._items[last] == prompt

    def end_of(self, prompt: Prompted) -> Ended | None:
        """How the last turn ended, where it is this very one by its number."""
        last = self._items[-1] if self._items else None
        begun = [item for item in self._items if isinstance(item, Prompted)]
        is_it = prompt.turn is not None and begun[-1:] == [prompt]
        return last if is_it and isinstance(last, Ended) else None

    def append(self, item: Item) -> None:
        """Write an item down. Raises `HarnessError` where that fails."""
        append_line(self._path, item.model_dump_json())
        self._items.append(item)


def _read(path: Path, line: str) -> Item:
    try:
        return _ITEM.validate_json(line)
    except ValidationError as error:
        raise HarnessError(
            f"{path}: no item of a conversation: {error.errors()[0]['msg']}"
        ) from error


def _places(items: Sequence[Item], kind: type[Item]) -> list[int]:
    return [place for place, item in enumerate(items) if isinstance(item, kind)]
