"""What an answer tells of itself: its model, its usage, and whether it is all there."""

import json
from typing import NamedTuple

from agents.metering.event_stream import EventStream
from agents.metering.usage import Form, Json, Usage, mapping, usage_of

_LONGEST_NAME = 200
_DONE = ("completed", "incomplete")
"""A response that failed has another status; answers of the other APIs have none."""
_LAST_EVENTS = ("message_stop", "response.completed", "response.incomplete")


class Told(NamedTuple):
    """What an answer tells of itself."""

    model: str | None = None
    usage: Usage | None = None
    """`None` where it is missing, and where the answer was cut off."""
    is_complete: bool = False


def told_by_body(form: Form, body: bytes) -> Told:
    """Read an answer that came in one piece."""
    answer = _parsed(body)
    usage = usage_of(form, answer.get("usage"))
    is_complete = bool(answer) and not answer.get("error")
    return Told(_name(answer), usage, is_complete and answer.get("status", "completed") in _DONE)


class StreamReader:
    """Reads an answer's stream on the side, event by event."""

    def __init__(self, form: Form) -> None:
        self._form: Form = form
        self._events = EventStream()
        self._model: str | None = None
        self._counts: Json = {}
        self._is_complete = False

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the stream."""
        for data in self._events.feed(piece):
            self._read(data)

    def told(self) -> Told:
        """What the whole stream told. Call once, at its end."""
        for data in self._events.close():
            self._read(data)
        usage = usage_of(self._form, self._counts) if self._is_complete else None
        return Told(self._model, usage, self._is_complete)

    def _read(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            self._is_complete = True
            return
        event = _parsed(data)
        # The name and the counts stand in the event itself, in its message or in its response.
        for part in (event, mapping(event.get("message")), mapping(event.get("response"))):
            self._model = _name(part) or self._model
            self._count(mapping(part.get("usage")), is_first=event.get("type") == "message_start")
        if event.get("type") in _LAST_EVENTS:
            self._is_complete = True

    def _count(self, told: Json, *, is_first: bool) -> None:
        """Counts of a later event are totals, and it may leave out what has not changed."""
        for key, value in told.items():
            if value is not None and not (is_first and key == "output_tokens"):
                self._counts[key] = value


def _name(part: Json) -> str | None:
    name = part.get("model")
    return name[:_LONGEST_NAME] if isinstance(name, str) and name else None


def _parsed(text: bytes) -> Json:
    """A JSON object; an empty one where it is none."""
    try:
        return mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}
