"""A turn as a person reads it: prompt, texts, calls, outputs and the end, as Markdown.

Whatever came from outside stands in a fenced block, so that none of it is a link or an image.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from pydantic import JsonValue

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
from harness.isolation.finished import Middle
from harness.untrusted import shown

_LONGEST_BLOCK = 4_000
_LONGEST_NAME = 100
_TICKS = re.compile(r"`+")


def transcript(prompt: str, events: Iterable[Event]) -> str:
    """All of a turn so far; it says so where the events have no end."""
    parts = ["# Transcript", "## Prompt", _block(prompt, most=len(prompt)), "## Turn"]
    ended = False
    for event in events:
        parts.extend(_told(event))
        ended = isinstance(event, Ended)
    if not ended:
        parts.append("No end was recorded: the turn was interrupted here.")
    return "\n\n".join(parts) + "\n"


def _told(event: Event) -> Iterator[str]:
    match event:
        case Started(session=session, model=model):
            yield f"Started: session {_name(session)}, model {_name(model)}."
        case Said(text=text):
            yield "The agent says:"
            yield _block(text)
        case Called(call=call, tool=tool, arguments=arguments):
            yield f"Calls {_name(tool)} ({_name(call)}):"
            yield from map(_argument, arguments.items())
        case Returned(call=call, ok=ok, output=output):
            yield f"Returned ({_name(call)}), {'fine' if ok else 'failed'}:"
            yield _block(output)
        case Used():
            cached = f"{event.cached_tokens:,} of them cached"
            yield f"Tokens: {event.input_tokens:,} in ({cached}), {event.output_tokens:,} out."
        case Warned(message=message):
            yield "Warning:"
            yield _block(message)
        case Unread(type=kind):
            yield f"A line of an unknown form: {_name(kind)}."
        case Ended():
            yield from _end(event)
        case _:
            assert_never(event)


def _end(end: Ended) -> Iterator[str]:
    yield "## End"
    cost = "not told" if end.reported_usd is None else f"{end.reported_usd:.4f} dollars"
    yield f"Ended: {end.how}. Cost by the agent's own software: {cost}."
    if end.message is not None:
        yield _block(end.message)


def _argument(named: tuple[str, JsonValue]) -> str:
    name, value = named
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{_name(name)}:\n\n{_block(text)}"


def _name(text: str | None) -> str:
    """A short text in code; what is not told is said to be."""
    if text is None:
        return "not told"
    return f"`{shown(text).replace('`', ' ').replace(chr(10), ' ')[:_LONGEST_NAME]}`"


def _block(text: str, most: int = _LONGEST_BLOCK) -> str:
    """Fenced by more backticks than the text has in a row; the middle of a long one left out."""
    kept = Middle(most)
    kept.add(shown(text))
    seen = kept.text.strip("\n")
    ticks = "`" * max(3, 1 + max(map(len, _TICKS.findall(seen)), default=0))
    return f"{ticks}text\n{seen}\n{ticks}"
