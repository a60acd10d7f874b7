"""What of a request is read before anything is forwarded."""

import json
from typing import Any

import pytest

from agents.metering.request import Unacceptable, read_request
from agents.metering.usage import Form

TEXT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def body(**more: Any) -> bytes:
    return json.dumps(TEXT | more).encode()


def test_equal_requests_have_one_digest_however_they_are_spelled() -> None:
    spelled = b'{"messages": [{"content":"h\\u0065llo", "role":"user"}],\n "model":"m"}'
    assert read_request("messages", spelled).digest == read_request("messages", body()).digest
    assert read_request("messages", body(top_k=1)).digest != read_request("messages", body()).digest


@pytest.mark.parametrize(
    ("form", "more", "bound"),
    [
        ("messages", {"max_tokens": 7}, 7),
        ("messages", {"max_output_tokens": 7}, None),
        ("messages", {"max_tokens": 0}, 0),
        ("responses", {"max_output_tokens": 7, "max_tokens": 1}, 7),
        ("chat", {"max_tokens": 1, "max_completion_tokens": 7}, 7),
        ("chat", {"max_tokens": 7, "n": 3}, 21),
        ("chat", {}, None),
    ],
)
def test_the_output_is_bounded_by_the_key_that_the_api_heeds(
    form: Form, more: dict[str, Any], bound: int | None
) -> None:
    assert read_request(form, body(**more)).output_tokens == bound


def test_input_is_bounded_by_bytes_and_not_by_characters() -> None:
    wide = json.dumps(TEXT | {"system": "é漢🙂"}, ensure_ascii=False).encode()
    assert read_request("messages", wide).input_tokens >= len(wide)


def test_a_chat_stream_is_asked_for_its_usage_and_nothing_else_changes() -> None:
    asked = read_request("chat", body(stream=True, stream_options={"x": 1}))
    options = {"x": 1, "include_usage": True}
    assert json.loads(asked.body) == TEXT | {"stream": True, "stream_options": options}
    for form, given in (
        ("chat", body()),
        ("chat", body(stream=True, stream_options={"include_usage": True})),
        ("messages", body(stream=True)),
        ("responses", body(stream=True)),
    ):
        assert read_request(form, given).body == given


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"{}",
        b'{"model": 3}',
        b'{"model": ""}',
        b'{"model": "cheap", "model": "dear"}',
        b'{"model": "m", "max_tokens": -1}',
        b'{"model": "m", "max_tokens": "1"}',
        b'{"model": "m", "max_tokens": true}',
        b'{"model": "m", "n": 2.5, "max_tokens": 1}',
        b'{"model": "m", "messages": ' + b"[" * 100_000,
        b"\xff\xfe",
        json.dumps({"model": "m" * 201}).encode(),
    ],
)
def test_what_is_no_request_is_refused(wrong: bytes) -> None:
    with pytest.raises(Unacceptable):
        read_request("chat", wrong)


def user(part: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


UNCOUNTED = [
    {"previous_response_id": "r"},
    {"conversation": "c"},
    {"prompt": {"id": "p"}},
    {"background": True},
    {"mcp_servers": [{"url": "https://example.org"}]},
    {"service_tier": "priority"},
    {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    {"tools": [{"type": "web_search_preview"}]},
    {"tools": [{"type": "code_interpreter"}]},
    {"tools": [{"type": "mcp", "server_url": "https://example.org"}]},
    {"input": [{"type": "item_reference", "id": "i"}]},
    user({"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}),
    user({"type": "document", "source": {"type": "file", "file_id": "f"}}),
    user({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}),
    user({"type": "file", "file": {"file_id": "f"}}),
    {"input": [{"role": "user", "content": [{"type": "input_file", "file_url": "https://x"}]}]},
    {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://x"}]}]},
]


@pytest.mark.parametrize("more", UNCOUNTED, ids=json.dumps)
def test_what_its_bytes_do_not_bound_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Unacceptable, match=r"count|price|charges"):
        read_request("responses", body(**more))


COUNTED = [
    {"previous_response_id": None, "background": False, "service_tier": "auto"},
    {"tools": [{"type": "function", "name": "bash"}, {"type": "local_shell"}, {"name": "Read"}]},
    {"tools": [{"type": "bash_20250124", "name": "bash"}]},
    user({"type": "image", "source": {"type": "base64", "data": "aaaa"}}),
    user({"type": "image_url", "image_url": {"url": "data:image/png;base64,aaaa"}}),
    user({"type": "tool_use", "name": "find", "input": {"type": "file", "url": "a"}}),
    {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:x"}]}]},
]


@pytest.mark.parametrize("more", COUNTED, ids=json.dumps)
def test_what_an_agent_sends_of_itself_passes(more: dict[str, Any]) -> None:
    assert read_request("responses", body(**more)).model == "m"
