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
    untouched: list[tuple[Form, bytes]] = [
        ("chat", body()),
        ("chat", body(stream=True, stream_options={"include_usage": True})),
        ("messages", body(stream=True)),
        ("responses", body(stream=True)),
    ]
    for form, given in untouched:
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


def test_a_cache_of_an_hour_is_noted_wherever_it_is_asked_for() -> None:
    hour, usual = {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral", "ttl": "5m"}
    for kept, is_dear in ((hour, True), (usual, False)):
        for more in (
            {"cache_control": kept},
            {"system": [{"type": "text", "text": "a", "cache_control": kept}]},
            {"tools": [{"name": "Read", "cache_control": kept}]},
        ):
            assert read_request("messages", body(**more)).is_kept_an_hour is is_dear
