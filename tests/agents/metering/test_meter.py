"""What passes through a meter, and who may ask it."""

from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest
import requests

from agents.metering import Budget, Meter, Upstream, read_spent
from agents.metering.spent import LEDGER
from tests.agents.metering import provider as says
from tests.agents.metering.metered import KEY, MESSAGE_USD, metered
from tests.agents.metering.provider import in_turn, provider, say, streamed


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/responses", "/v1/chat/completions"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_costs_what_its_usage_says(tmp_path: Path, path: str, stream: bool) -> None:
    with metered(tmp_path) as at:
        answer = at.post(path, stream=stream)
    usd = MESSAGE_USD if path == "/v1/messages" else Decimal("0.000186")
    spent = at.meter.spent()
    assert answer.status_code == 200
    assert (spent.calls, spent.input_tokens, spent.cached_tokens, spent.output_tokens) == (
        1,
        100,
        70,
        5,
    )
    assert (spent.usd, spent.assumed, spent.unverified) == (usd, 0, 0)
    assert read_spent(tmp_path) == spent


def test_steps_are_told_apart_by_their_keys_and_have_one_each(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        specs = at.meter.endpoint("specs")
        assert specs.key != at.endpoint.key == at.meter.endpoint("claims").key
        at.post()
        at.post(headers={"x-api-key": specs.key}, top_k=1)
        at.post(headers={"x-api-key": "", "authorization": f"Bearer {specs.key}"}, top_k=2)
    calls = {step: spent.calls for step, spent in at.meter.spent().by_step.items()}
    assert calls == {"claims": 1, "specs": 2}


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": ""},
        {"x-api-key": "wrong"},
        {"x-api-key": KEY},
        {"x-api-key": "", "authorization": f"Bearer {KEY}"},
        {"x-api-key": "", "authorization": "Bearer"},
    ],
)
def test_a_wrong_key_is_refused_and_nothing_forwarded(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    with metered(tmp_path) as at:
        assert at.post(headers=headers).status_code == 401
        assert at.provider.requests == []
    assert not (tmp_path / LEDGER).exists()


def test_the_key_of_an_earlier_run_is_good_no_more(tmp_path: Path) -> None:
    with metered(tmp_path) as first:
        old = first.endpoint.key
    with metered(tmp_path) as second:
        assert second.post(headers={"x-api-key": old}).status_code == 401


def test_headers_pass_but_for_host_and_key(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        at.post("/v1/messages?beta=true", headers={"anthropic-version": "v", "cookie": "c"})
        asked = at.provider.requests[0]
        assert asked.path == "/v1/messages?beta=true"
        assert asked.headers["x-api-key"] == KEY
        assert asked.headers["anthropic-version"] == "v"
        assert at.endpoint.key not in str(asked)
        assert "cookie" not in asked.headers


def test_openai_gets_its_key_as_a_bearer_and_a_keyless_server_none(tmp_path: Path) -> None:
    with metered(tmp_path, wire="openai") as at:
        at.post("/v1/responses")
        sent = at.provider.requests[0].headers
        assert (sent["authorization"], "x-api-key" in sent) == (f"Bearer {KEY}", False)
    with provider() as said:
        upstream = Upstream("openai_compatible", f"{said.url}/v1/", None)
        meter = Meter(tmp_path / "keyless", upstream, Budget(calls=1), None)
        with meter.serving():
            url, key = meter.endpoint("claims")
            headers = {"authorization": f"Bearer {key}"}
            requests.post(f"{url}/v1/chat/completions", json={"model": "m"}, headers=headers)
        assert said.requests[0].path == "/v1/chat/completions"
        assert not {"authorization", "x-api-key"} & said.requests[0].headers.keys()


@pytest.mark.parametrize("path", ["/v1/files", "/v1/messages/batches", "/v1/messages/../files", ""])
def test_other_paths_are_not_forwarded(tmp_path: Path, path: str) -> None:
    with metered(tmp_path) as at:
        assert at.post(path).status_code == 404
        assert requests.get(at.endpoint.url + "/v1/models", timeout=5).status_code == 401
        assert requests.head(at.endpoint.url, timeout=5).status_code == 200
        assert at.provider.requests == []


def test_a_stream_passes_untouched_however_it_is_cut(tmp_path: Path) -> None:
    strange = b": comment\r\nevent: unknown\r\ndata: {not json\r\n\r\nid: 3\rretry: 9\r\r\n"
    whole = strange + says.message_stream(text="é漢") + b"\n\n: the end"
    pieces = tuple(whole[i : i + 7] for i in range(0, len(whole), 7))
    with metered(tmp_path, in_turn(streamed(*pieces))) as at:
        answer = at.post(stream=True)
        assert answer.content == whole
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert at.meter.spent().usd == MESSAGE_USD


def test_the_first_piece_arrives_before_the_last_is_sent(tmp_path: Path) -> None:
    gate, whole = Event(), says.message_stream()
    with metered(tmp_path, in_turn(streamed(whole[:50], whole[50:], gate=gate))) as at:
        headers = {"x-api-key": at.endpoint.key}
        asked = {"model": "m", "stream": True}
        with requests.post(
            f"{at.endpoint.url}/v1/messages", json=asked, headers=headers, stream=True, timeout=5
        ) as answer:
            pieces = answer.iter_content(None)
            assert next(pieces) == whole[:50]
            gate.set()
            assert b"".join(pieces) == whole[50:]


def test_a_short_word_in_the_place_of_a_key_is_left_in_texts(tmp_path: Path) -> None:
    with provider() as said:
        upstream = Upstream("openai_compatible", said.url, "hello")
        meter = Meter(tmp_path, upstream, Budget(calls=1), None)
        with meter.serving():
            url, key = meter.endpoint("claims")
            answer = requests.post(
                f"{url}/v1/chat/completions", json={"model": "m"}, headers={"x-api-key": key}
            )
    assert answer.json()["choices"][0]["message"]["content"] == "hello"


def test_a_redirection_is_not_followed(tmp_path: Path) -> None:
    with provider() as other:
        away = say({}, 307)._replace(headers=(("location", f"{other.url}/v1/messages"),))
        with metered(tmp_path, in_turn(away)) as at:
            answer = at.post()
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert other.requests == []
    assert at.meter.spent().calls == 0


def test_a_compressed_request_is_refused(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        assert at.post(headers={"content-encoding": "gzip"}).status_code == 400
        assert at.provider.requests == []
