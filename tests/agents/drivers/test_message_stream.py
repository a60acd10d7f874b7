import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.drivers.event_data import objects
from agents.drivers.message_stream import whole_message
from agents.sdk.unanswered import Unanswered

SECRET = {"type": "redacted_thinking", "data": "opaque"}
NEW = {"type": "a_block_of_next_year", "deep": {"list": [1, None, "é"]}}
START = {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 5}}}
STOP = {"type": "message_stop"}


def block(place: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    at = {"index": place}
    return [
        {"type": "content_block_start", "content_block": begun} | at,
        *({"type": "content_block_delta", "delta": delta} | at for delta in deltas),
        {"type": "content_block_stop"} | at,
    ]


def ending(stop: str) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 9}}


def made(*events: dict[str, Any], noise: str = "") -> dict[str, Any]:
    text = noise.join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events)

    async def lines() -> AsyncIterator[str]:
        for line in text.split("\n"):
            yield line

    return asyncio.run(whole_message(objects(lines())))


def test_every_block_is_put_together_or_kept_as_it_came() -> None:
    thinking = {"type": "thinking", "thinking": "", "signature": ""}
    used = {"type": "tool_use", "id": "t", "name": "bash", "input": {}}
    cited = {"type": "text", "text": "", "citations": None}
    message = made(
        START,
        *block(
            0,
            thinking,
            {"type": "thinking_delta", "thinking": "hm"},
            {"type": "thinking_delta", "thinking": "m"},
            {"type": "signature_delta", "signature": "c2ln"},
        ),
        *block(1, SECRET),
        *block(2, NEW, {"type": "a_delta_of_next_year", "x": 1}),
        *block(
            3,
            cited,
            {"type": "text_delta", "text": "a"},
            {"type": "citations_delta", "citation": {"n": 1}},
            {"type": "text_delta", "text": "b"},
        ),
        *block(
            4,
            used,
            {"type": "input_json_delta", "partial_json": ""},
            {"type": "input_json_delta", "partial_json": '{"command": "l'},
            {"type": "input_json_delta", "partial_json": 's"}'},
        ),
        *block(5, used, {"type": "input_json_delta", "partial_json": ""}),
        ending("tool_use"),
        STOP,
        noise=': a comment\n\nevent: ping\ndata: {"type": "ping"}\n\n',
    )
    assert message["content"] == [
        {"type": "thinking", "thinking": "hmm", "signature": "c2ln"},
        SECRET,
        NEW,
        {"type": "text", "text": "ab", "citations": [{"n": 1}]},
        used | {"input": {"command": "ls"}},
        used,
    ]
    assert message["usage"] == {"input_tokens": 5, "output_tokens": 9}
    assert (message["stop_reason"], message["model"]) == ("tool_use", "m")


def test_arguments_that_were_cut_off_are_none() -> None:
    used = {"type": "tool_use", "id": "t", "name": "write_file", "input": {}}
    half = block(
        0, used, {"type": "input_json_delta", "partial_json": '{"path": "a", "content": "x'}
    )
    assert made(START, *half, ending("max_tokens"), STOP)["content"] == [used]
    with pytest.raises(Unanswered, match="malformed"):
        made(START, *half, ending("tool_use"), STOP)


@pytest.mark.parametrize(
    ("kind", "passing"), [("overloaded_error", True), ("invalid_request_error", False)]
)
def test_an_error_in_the_stream_is_one_of_the_answer(kind: str, passing: bool) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "words"}}
    with pytest.raises(Unanswered, match="words") as raised:
        made(START, error)
    assert raised.value.is_passing is passing


def test_a_stream_that_breaks_off_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="connection"):
        made(START, *block(0, {"type": "text", "text": "a"}), ending("end_turn"))
