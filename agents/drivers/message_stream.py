"""A message of Anthropic's Messages API, put together from the events of its stream.

Its content goes back to the server as it came, so that a block in a form which is not known here,
or not known to the SDK, is kept whole.
"""

from collections import defaultdict
from collections.abc import AsyncIterator

from pydantic import JsonValue

from agents.drivers.untrusted_json import Json, parse_object
from agents.sdk.form import Form
from agents.sdk.unanswered import Unanswered

_PASSING = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
"""Kinds of delta, and the block's key that each goes on with."""


class _Error(Form):
    type: str
    message: str


class _Event(Form):
    type: str
    index: int = 0
    message: Json | None = None
    content_block: Json | None = None
    delta: Json | None = None
    usage: Json | None = None
    error: _Error | None = None


async def whole_message(events: AsyncIterator[Json]) -> Json:
    """The message once it is complete. Raises `Unanswered` where it breaks off."""
    made = _Message()
    async for each in events:
        event = _Event.of(each)
        if event.error is not None:
            kind = "server" if event.error.type in _PASSING else "request"
            raise Unanswered(kind, event.error.message, said=event.error.message)
        made.take(event)
        if event.type == "message_stop":
            return made.whole()
    raise Unanswered("connection", "the stream ended before the message did")


class _Message:
    def __init__(self) -> None:
        self._message: Json = {}
        self._usage: Json = {}
        self._blocks: dict[int, Json] = {}
        self._inputs: dict[int, str] = defaultdict(str)
        """JSON of the tools' arguments so far."""

    def take(self, event: _Event) -> None:
        match event.type:
            case "message_start":
                self._message.update(event.message or {})
                self._take_usage(self._message.get("usage"))
            case "content_block_start":
                self._blocks[event.index] = {**(event.content_block or {})}
            case "content_block_delta" if event.index in self._blocks:
                self._go_on(event.index, event.delta or {})
            case "message_delta":
                self._message.update(event.delta or {})
                self._take_usage(event.usage)
            case _:
                return

    def whole(self) -> Json:
        for place, text in self._inputs.items():
            self._blocks[place]["input"] = self._input(text)
        content: list[JsonValue] = [self._blocks[place] for place in sorted(self._blocks)]
        return {**self._message, "content": content, "usage": self._usage}

    def _go_on(self, place: int, delta: Json) -> None:
        block, kind = self._blocks[place], delta.get("type")
        if kind == "input_json_delta":
            self._inputs[place] += str(delta.get("partial_json", ""))
        elif kind == "citations_delta":
            before = block.get("citations")
            cited = before if isinstance(before, list) else []
            block["citations"] = [*cited, delta.get("citation")]
        elif isinstance(kind, str) and kind in _TEXTS:
            key = _TEXTS[kind]
            block[key] = f"{block.get(key) or ''}{delta.get(key, '')}"

    def _input(self, text: str) -> Json:
        """Arguments of a call; none where the model was cut off amid them, for such a call is not
        run."""
        try:
            return parse_object(text or "{}")
        except ValueError as error:
            if self._message.get("stop_reason") == "max_tokens":
                return {}
            raise Unanswered("malformed", f"arguments of a tool: {error}") from error

    def _take_usage(self, usage: JsonValue) -> None:
        """Later counts take the place of earlier ones, as they are of the whole message."""
        if isinstance(usage, dict):
            self._usage.update({key: value for key, value in usage.items() if value is not None})
