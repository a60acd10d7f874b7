"""What only one of the three APIs does."""

import json
from pathlib import Path

import pytest

from agents.drivers import retries
from agents.drivers.choose import driver_for
from agents.drivers.event import Called, Returned, Used
from tests.agents.drivers.turns import ended, events_of, only, turn_at
from tests.agents.wire_server import Call, Reply, wire_server

WRITE = Call("write_file", {"path": "a.txt", "content": "hello"})
TOKENS = {"input_tokens": 30, "output_tokens": 4}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.02)


def response(**fields: object) -> Reply:
    """The last event of a stream of the Responses API."""
    whole = {"status": "completed", "output": [], "usage": TOKENS} | fields
    event = {"type": f"response.{whole['status']}", "response": whole}
    return Reply(body=f"data: {json.dumps(event)}\n\n")


def chat(message: dict[str, object], **fields: object) -> Reply:
    """A chat completion."""
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": "stop"}
    return Reply(body=json.dumps({"choices": [choice]} | fields))


def test_a_message_that_pauses_is_sent_again_as_it_is(tmp_path: Path) -> None:
    with wire_server([Reply("Wait.", stop="pause_turn"), Reply("Done.")]) as server:
        events = events_of(driver_for("anthropic"), turn_at(server.url, tmp_path))
    assert ended(events).text == "Done."
    assert server.bodies[1]["messages"] == [
        *server.bodies[0]["messages"],
        {"role": "assistant", "content": [{"type": "text", "text": "Wait."}]},
    ]


def test_a_message_that_fills_the_context_ends_the_session(tmp_path: Path) -> None:
    with wire_server([Reply("Too", stop="model_context_window_exceeded")]) as server:
        last = ended(events_of(driver_for("anthropic"), turn_at(server.url, tmp_path)))
    assert (last.how, last.session) == ("failed", None)


def test_tokens_read_from_and_written_to_a_cache_are_input(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 1,
        "cache_read_input_tokens": 20,
        "cache_creation_input_tokens": 300,
        "output_tokens": 4000,
    }
    start = {"type": "message_start", "message": {"content": [], "usage": usage}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": None}
    stream = "".join(f"data: {json.dumps(each)}\n\n" for each in (start, delta))
    with wire_server([Reply(body=f'{stream}data: {{"type": "message_stop"}}\n\n')]) as server:
        events = events_of(driver_for("anthropic"), turn_at(server.url, tmp_path))
    assert list(only(events, Used)) == [
        Used(input_tokens=321, cached_tokens=20, output_tokens=4000)
    ]


def test_a_model_that_does_not_reason_is_not_asked_for_its_reasoning(tmp_path: Path) -> None:
    refusal = Reply("Encrypted content is not supported with this model.", status=400)
    with wire_server([refusal, Reply("Done.")]) as server:
        events = events_of(driver_for("openai"), turn_at(server.url, tmp_path))
    assert ended(events).how == "done"
    assert [body.get("include") for body in server.bodies] == [
        ["reasoning.encrypted_content"],
        None,
    ]


def test_reasoning_goes_back_as_it_came(tmp_path: Path) -> None:
    reasoning = {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "b3BhcXVl"}
    called = {"type": "function_call", "call_id": "c", "name": "bash", "arguments": "[1]"}
    with wire_server([response(output=[reasoning, called]), Reply("Done.")]) as server:
        events = events_of(driver_for("openai"), turn_at(server.url, tmp_path))
    assert server.bodies[1]["input"][1:3] == [reasoning, called]
    assert [event.output for event in only(events, Returned)] == [
        "the arguments are not a JSON object: not an object"
    ]


@pytest.mark.parametrize(
    ("code", "how", "requests"), [("server_error", "done", 2), ("invalid_prompt", "failed", 1)]
)
def test_a_response_that_failed_is_asked_for_again_where_that_helps(
    tmp_path: Path, code: str, how: str, requests: int
) -> None:
    failed = response(status="failed", error={"code": code, "message": "words"})
    with wire_server([failed, Reply("Done.")]) as server:
        last = ended(events_of(driver_for("openai"), turn_at(server.url, tmp_path)))
    assert (last.how, len(server.requests)) == (how, requests)


def test_a_response_that_was_filtered_is_a_refusal(tmp_path: Path) -> None:
    why = {"reason": "content_filter"}
    with wire_server([response(status="incomplete", incomplete_details=why)]) as server:
        last = ended(events_of(driver_for("openai"), turn_at(server.url, tmp_path)))
    assert last.how == "refused"


def test_a_local_server_may_ask_for_tools_and_say_that_it_stopped(tmp_path: Path) -> None:
    function = {"name": "write_file", "arguments": json.dumps(WRITE.arguments)}
    called = {"id": "c", "type": "function", "function": function}
    message = {"content": None, "tool_calls": [called], "reasoning_content": "hm"}
    with wire_server([chat(message), chat({"content": "Done."})]) as server:
        events = events_of(driver_for("openai_compatible"), turn_at(server.url, tmp_path))
    assert ended(events).text == "Done."
    assert [event.tool for event in only(events, Called)] == ["write_file"]
    assert server.bodies[1]["messages"][2] == {"role": "assistant", **message}


def test_a_local_server_that_counts_no_tokens_is_not_said_to_have_used_none(
    tmp_path: Path,
) -> None:
    with wire_server([chat({"content": "Done."})]) as server:
        events = events_of(driver_for("openai_compatible"), turn_at(server.url, tmp_path))
    assert list(only(events, Used)) == []
