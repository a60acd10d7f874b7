"""Anthropic's Messages API in a loop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

from pydantic import JsonValue

from agents.drivers.api import Answer, Call, Stop
from agents.drivers.conversation import Answered, Item, Noted, Prompted, Resulted
from agents.drivers.driver import Turn
from agents.drivers.event import Used
from agents.drivers.event_data import objects
from agents.drivers.message_stream import whole_message
from agents.drivers.tools import TOOLS
from agents.drivers.untrusted_json import Json
from agents.sdk.anthropic_client import failures, open_client, sdk_version
from agents.sdk.form import Form

if TYPE_CHECKING:
    from anthropic.types import MessageParam, ToolParam

_STOPS: dict[str, Stop] = {
    "pause_turn": "again",
    "max_tokens": "cut",
    "refusal": "refused",
    "model_context_window_exceeded": "full",
}
_SILENT = "(no output)"
"""A result without content is refused."""


class _Block(Form):
    type: str
    text: str | None = None
    id: str = ""
    name: str = ""
    input: Json | None = None


class _Tokens(Form):
    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0


class _Message(Form):
    content: tuple[_Block, ...]
    stop_reason: str | None
    usage: _Tokens


class AnthropicMessages:
    """Answers are streamed: the SDK refuses to wait in silence for long ones."""

    name: Literal["anthropic"] = "anthropic"
    wire: Literal["anthropic"] = "anthropic"

    def version(self) -> str:
        """Of the SDK. Raises `HarnessError` where it is not installed."""
        return sdk_version()

    async def send(self, turn: Turn, items: Sequence[Item], *, seconds: float) -> Json:
        """The next message. Raises `Unanswered`."""
        client = open_client(turn.endpoint.key, base_url=turn.endpoint.url, takes_proxy=False)
        tools = [
            {"name": each.name, "description": each.description, "input_schema": each.schema}
            for each in TOOLS
        ]
        async with client:
            with failures(seconds):
                async with client.messages.with_streaming_response.create(
                    model=turn.model,
                    max_tokens=turn.max_output_tokens,
                    system=[{"type": "text", "text": turn.instructions}],
                    messages=cast("list[MessageParam]", conversation(items)),
                    tools=cast("list[ToolParam]", tools),
                    # Each answer sends the whole conversation again; cached, it is a tenth of the
                    # price.
                    cache_control={"type": "ephemeral"},
                    stream=True,
                    timeout=seconds,
                ) as response:
                    return await whole_message(objects(response.iter_lines()))

    def read(self, answer: Json) -> Answer:
        """Raises `Unanswered` for what is no message."""
        message = _Message.of(answer)
        usage = message.usage
        cached = usage.cache_read_input_tokens
        calls = tuple(
            Call(block.id, block.name, block.input or {})
            for block in message.content
            if block.type == "tool_use"
        )
        return Answer(
            text="".join(block.text or "" for block in message.content if block.type == "text"),
            calls=calls,
            stop=_STOPS.get(message.stop_reason or "", "calls" if calls else "done"),
            used=Used(
                input_tokens=usage.input_tokens + cached + usage.cache_creation_input_tokens,
                cached_tokens=cached,
                output_tokens=usage.output_tokens,
            ),
        )


def conversation(items: Sequence[Item]) -> list[Json]:
    """The messages; what comes between two answers is one message of the user's."""
    messages: list[tuple[str, list[JsonValue]]] = []
    for item in items:
        role, content = _said(item)
        if content and messages and messages[-1][0] == role == "user":
            messages[-1][1].extend(content)
        elif content:
            messages.append((role, content))
    return [{"role": role, "content": content} for role, content in messages]


def _said(item: Item) -> tuple[str, list[JsonValue]]:
    match item:
        case Prompted(text=text) | Noted(text=text):
            return "user", [{"type": "text", "text": text}]
        case Answered(is_refusal=False):
            content = item.answer["content"]
            return "assistant", [*content] if isinstance(content, list) else []
        case Resulted():
            result: Json = {
                "type": "tool_result",
                "tool_use_id": item.call,
                "content": item.output or _SILENT,
                "is_error": not item.ok,
            }
            return "user", [result]
        case _:
            return "user", []
