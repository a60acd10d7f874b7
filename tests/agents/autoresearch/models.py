"""A model on this machine that edits a knob through an agent's tools."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.agents.autoresearch.briefs import FASTER
from tests.agents.wire_server import Call, Reply

PROPOSAL = json.dumps({"title": "Thrice the rate", "reason": "It underfits."})
EDITS = (
    Reply("I edit.", (Call("write_file", {"path": "knobs.yaml", "content": FASTER}),)),
    Reply(calls=(Call("write_file", {"path": "proposal.json", "content": PROPOSAL}),)),
    Reply("Done."),
)
"""Three answers."""
_INTERRUPTED = "interrupted; whether"
_CALLS = ("function_call", "custom_tool_call")


def playing(replies: Sequence[Reply]) -> Callable[[dict[str, Any], int], Reply]:
    """The n-th answer of a conversation is the n-th reply, however often it is asked for.

    A call that it is told was interrupted is made again.
    """

    def reply(body: dict[str, Any], _: int) -> Reply:
        said = body.get("messages") or body["input"]
        again = json.dumps(said).count(_INTERRUPTED)
        return replies[sum(map(_is_an_answer, said)) - again]

    return reply


def _is_an_answer(item: dict[str, Any]) -> bool:
    """Of an answer's parts the Responses API keeps each by itself; there the calls count."""
    if item.get("type") in _CALLS:
        return True
    return item.get("role") == "assistant" and item.get("type") != "message"
