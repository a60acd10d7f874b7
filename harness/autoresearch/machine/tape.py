"""A ledger read and written in one motion: what is recorded is taken, what is not is done.

A campaign goes on by being derived from its beginning. Decisions are derived again and held against
the record; proposals and scores are taken from it; behind the record's end things happen anew. So
a campaign that was killed anywhere continues as if it had not been, and one whose decisions do not
follow from its scores is found out.
"""

import math
from collections import deque
from typing import TypeVar

from pydantic import JsonValue

from harness.autoresearch.ledger.event import Event
from harness.autoresearch.ledger.history import History
from harness.autoresearch.ledger.ledger import Ledger
from harness.record import HarnessError

_RELATIVE, _ABSOLUTE = 1e-6, 1e-12
"""Numbers of the statistics may differ by as much between builds of scipy."""

Taken = TypeVar("Taken")


class EndOfTape(Exception):
    """The record is at its end, and nothing may happen anew."""


class Diverged(HarnessError):
    """What is recorded does not follow from what is recorded before."""


class Tape:
    """The events of one ledger from the first to the one that has not happened yet."""

    def __init__(self, ledger: Ledger, *, live: bool) -> None:
        self._ledger = ledger
        self._live = live
        self._ahead = deque(line.event for line in ledger.lines)
        self.history = History([self._ahead.popleft()])
        """What follows from the events so far; it begins with how the campaign began."""

    @property
    def ahead(self) -> Event | None:
        """The next recorded event; `None` behind the last."""
        return self._ahead[0] if self._ahead else None

    def take(self, *kinds: type[Taken]) -> Taken | None:
        """The next recorded event, which is of one of the kinds; `None` where it has yet to happen.

        Raises `Diverged` where another stands there, `EndOfTape` where nothing may happen.
        """
        event = self.ahead
        if event is None:
            if not self._live:
                raise EndOfTape
            return None
        if not isinstance(event, kinds):
            named = " or ".join(kind.__name__.lower() for kind in kinds)
            raise Diverged(f"{self._where}: {event.kind} stands where {named} follows")
        self.history.add(self._ahead.popleft())
        return event

    def put(self, event: Event, *, seconds: float = 0.0) -> None:
        """What follows now: held against the record, or recorded where it has yet to happen.

        Raises `Diverged` where the record says otherwise, `EndOfTape` where nothing may happen.
        """
        recorded = self.ahead
        if recorded is None:
            if not self._live:
                raise EndOfTape
            self._ledger.append(event, seconds=seconds)
            self.history.add(event)
            return
        if not _agree(recorded.model_dump(mode="json"), event.model_dump(mode="json")):
            raise Diverged(
                f"{self._where}: {_brief(recorded)} is recorded, but from the scores before it "
                f"follows {_brief(event)}"
            )
        self.history.add(self._ahead.popleft())

    @property
    def _where(self) -> str:
        return f"ledger line {len(self.history.events) + 1}"


def _agree(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_agree(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return one == other


def _brief(event: Event) -> str:
    text = event.model_dump_json(exclude={"diff", "log", "message", "task"})
    return text if len(text) <= 400 else f"{text[:400]}…"
