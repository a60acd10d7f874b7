"""The lines that `codex exec --json` prints, read as events. Seen of 0.169.0."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from agents.drivers.command_line import Line, Reading, cut
from agents.drivers.event import (
    Called,
    Ended,
    Event,
    Returned,
    Said,
    Started,
    Unread,
    Used,
    Warned,
)
from agents.drivers.untrusted_json import Json

_NOT_FOR_US = ("reasoning", "todo_list")
_OK = "completed"


class _Item(Line):
    """Something that the agent did or said."""

    id: str
    type: str
    text: str = ""
    message: str = ""
    command: str = ""
    aggregated_output: str = ""
    exit_code: int | None = None
    status: str | None = None
    changes: tuple[JsonValue, ...] = ()

    @property
    def arguments(self) -> dict[str, JsonValue] | None:
        """Of the tool that the item is a call of; `None` where it is none."""
        match self.type:
            case "command_execution":
                return {"command": self.command}
            case "file_change":
                return {"changes": list(self.changes)}
            case _:
                return None

    @property
    def is_ok(self) -> bool:
        """Whether a call came to a good end."""
        return self.status == _OK and self.exit_code in (None, 0)


class _Usage(Line):
    """Of the whole thread so far, earlier turns included."""

    input_tokens: int
    cached_input_tokens: int = 0
    output_tokens: int


class _Problem(Line):
    message: str


class _Thread(Line):
    thread_id: str


class _OfItem(Line):
    item: _Item


class _Completed(Line):
    usage: _Usage


class _Failed(Line):
    error: _Problem


@dataclass
class CodexReading(Reading):
    """What Codex has told."""

    said: str | None = None
    """Its last words so far."""
    called: set[str] = field(default_factory=set[str])
    """Ids of the items that a `Called` was made of."""

    def events(self, line: Json) -> Iterator[Event]:
        """What one line tells."""
        match line.get("type"):
            case "thread.started":
                self.session = _Thread.model_validate(line).thread_id
                yield Started(session=self.session, model=None)
            case "turn.started" | "item.updated":
                return
            case "item.started":
                yield from self._began(_OfItem.model_validate(line).item)
            case "item.completed":
                yield from self._finished(_OfItem.model_validate(line).item)
            case "turn.completed":
                self.used = _used(_Completed.model_validate(line).usage)
                self.end = Ended(how="done", text=self.said)
            case "turn.failed":
                problem = _Failed.model_validate(line).error
                self.end = Ended(how="failed", message=cut(problem.message))
            case "error":
                yield Warned(message=cut(_Problem.model_validate(line).message))
            case kind:
                yield Unread(type=cut(str(kind)))

    def _began(self, item: _Item) -> Iterator[Event]:
        arguments = item.arguments
        if arguments is not None and item.id not in self.called:
            self.called.add(item.id)
            yield Called(call=item.id, tool=item.type, arguments=arguments)

    def _finished(self, item: _Item) -> Iterator[Event]:
        yield from self._began(item)
        match item.type:
            case "agent_message":
                self.said = item.text
                yield Said(text=item.text)
            case "error":
                yield Warned(message=cut(item.message))
            case _ if item.arguments is not None:
                output = item.aggregated_output or (item.status or "")
                yield Returned(call=item.id, ok=item.is_ok, output=output)
            case kind if kind not in _NOT_FOR_US:
                yield Unread(type=cut(f"item/{kind}"))
            case _:
                return


def _used(usage: _Usage) -> Used:
    return Used(
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
    )
