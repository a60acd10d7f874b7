"""The lines that Claude Code prints as `stream-json`, read as events. Seen of 2.1.332."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field, JsonValue

from agents.drivers.command_line import Line, Reading, cut
from agents.drivers.event import (
    Called,
    Ended,
    Event,
    How,
    Returned,
    Said,
    Started,
    Unread,
    Used,
    Warned,
)
from agents.drivers.untrusted_json import Json

_BY_PROGRAM = "<synthetic>"
"""Model of an answer that the program wrote itself, such as an error."""
_NOT_FOR_US = ("thinking", "redacted_thinking")


class _Block(Line):
    """A part of a message."""

    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    tool_use_id: str = ""
    content: str | list[JsonValue] | None = None
    """Of a tool's result."""
    is_error: bool | None = None


class _Message(Line):
    model: str | None = None
    content: str | list[_Block]

    @property
    def blocks(self) -> list[_Block]:
        if isinstance(self.content, str):
            return [_Block(type="text", text=self.content)]
        return self.content


class _Conversed(Line):
    """A line of type `assistant` or `user`."""

    message: _Message


class _System(Line):
    subtype: str = ""
    model: str | None = None
    content: str = ""
    attempt: int | None = None
    max_retries: int | None = None
    error_status: int | None = None
    error: str | None = None
    tool_name: str | None = None


class _Usage(Line):
    input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0


class _Result(Line):
    """The last line of a turn."""

    subtype: str
    is_error: bool
    terminal_reason: str | None = None
    stop_reason: str | None = None
    result: str | None = None
    errors: tuple[str, ...] = ()
    total_cost_usd: float | None = None
    usage: _Usage | None = None


@dataclass
class ClaudeReading(Reading):
    """What Claude Code has told."""

    def events(self, line: Json) -> Iterator[Event]:
        """What one line tells."""
        session = line.get("session_id")
        if self.session is None and isinstance(session, str):
            self.session = session
            model = line.get("model")
            yield Started(session=session, model=model if isinstance(model, str) else None)
        match line.get("type"):
            case "assistant":
                yield from _said(_Conversed.model_validate(line).message)
            case "user":
                yield from _answered(_Conversed.model_validate(line).message)
            case "system":
                yield from _system(_System.model_validate(line))
            case "result":
                self._end(_Result.model_validate(line))
            case kind:
                yield Unread(type=cut(str(kind)))

    def _end(self, result: _Result) -> None:
        self.used = _used(result.usage) if result.usage else None
        how = _how(result)
        why = "; ".join(result.errors) or result.result or result.subtype
        self.end = Ended(
            how=how,
            text=result.result if how == "done" and result.result else None,
            message=None if how == "done" else cut(why),
            reported_usd=result.total_cost_usd,
        )


def _how(result: _Result) -> How:
    """`is_error` decides; the subtype of an unreachable server's turn is `success`."""
    if result.stop_reason == "refusal":
        return "refused"
    if not result.is_error:
        return "done"
    match result.subtype:
        case "error_max_turns":
            return "turns"
        case "error_max_budget_usd":
            return "budget"
        case _:
            return "failed"


def _said(message: _Message) -> Iterator[Event]:
    for block in message.blocks:
        match block.type:
            case "text" if message.model == _BY_PROGRAM:
                yield Warned(message=cut(block.text))
            case "text":
                yield Said(text=block.text)
            case "tool_use":
                yield Called(call=block.id, tool=block.name, arguments=block.input)
            case kind if kind not in _NOT_FOR_US:
                yield Unread(type=cut(f"assistant/{kind}"))
            case _:
                continue


def _answered(message: _Message) -> Iterator[Event]:
    """Results of tools; a text is what the program itself says to the model."""
    for block in message.blocks:
        match block.type:
            case "tool_result":
                output = _output(block.content)
                yield Returned(call=block.tool_use_id, ok=not block.is_error, output=output)
            case "text":
                yield Warned(message=cut(f"told the model: {block.text}"))
            case kind:
                yield Unread(type=cut(f"user/{kind}"))


def _output(content: str | list[JsonValue] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(map(_text_of, content))


def _text_of(part: JsonValue) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": str(kind)}:
            return f"[{kind}]"
        case _:
            return "[?]"


def _system(line: _System) -> Iterator[Event]:
    match line.subtype:
        case "init":
            return
        case "api_retry":
            what = f"{line.error_status or 'no answer'} {line.error or ''}".strip()
            tried = f"{line.attempt} of {line.max_retries}"
            yield Warned(message=cut(f"call tried again ({tried}): {what}"))
        case "permission_denied":
            yield Warned(message=cut(f"permission denied: {line.tool_name or 'a tool'}"))
        case "informational":
            yield Warned(message=cut(line.content))
        case kind:
            yield Unread(type=cut(f"system/{kind}"))


def _used(usage: _Usage) -> Used:
    cached = usage.cache_read_input_tokens
    return Used(
        input_tokens=usage.input_tokens + usage.cache_creation_input_tokens + cached,
        cached_tokens=cached,
        output_tokens=usage.output_tokens,
    )
