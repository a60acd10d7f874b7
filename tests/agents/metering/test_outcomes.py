"""What a call counts that fails, is cut off or is asked again, and whose answer is kept."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest
import requests

from agents.metering import Budget, Meter, Upstream
from tests.agents.metering import provider as says
from tests.agents.metering.metered import KEY, MESSAGE_USD, metered, settlements, until
from tests.agents.metering.provider import in_turn, provider, say, streamed

BOUND_TOKENS = 1000 + 50
"""What is allowed for beside a body's bytes, and the output that `Metered.post` asks for."""


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_in_the_same_step_is_paid_once_over_all_runs(
    tmp_path: Path, stream: bool
) -> None:
    with metered(tmp_path) as at:
        first = at.post(stream=stream)
        again = at.post(stream=stream)
        other = at.post(stream=stream, headers={"x-api-key": at.meter.endpoint("specs").key})
        assert len(at.provider.requests) == 2, "another step asks anew"
    with metered(tmp_path, budget=Budget(calls=2)) as later:
        resumed = later.post(stream=stream)
        assert later.provider.requests == []
    assert first.content == again.content == other.content == resumed.content
    assert resumed.headers["content-type"] == first.headers["content-type"]
    assert (later.meter.spent().calls, later.meter.spent().stored) == (2, 2)


@pytest.mark.parametrize("status", [400, 429, 500, 529])
def test_what_the_provider_refuses_costs_nothing_and_is_asked_again(
    tmp_path: Path, status: int
) -> None:
    refused = say({"type": "error", "error": {"type": "x", "message": "no"}}, status)
    refused = refused._replace(headers=(("retry-after", "7"),))
    with metered(tmp_path, in_turn(refused, say({}))) as at:
        answer = at.post()
        assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")
        assert (at.meter.spent().calls, at.meter.spent().usd) == (0, 0)
        assert at.post().status_code == 200
    assert [each.status for each in settlements(tmp_path)] == [status, 200]


def test_a_provider_that_cannot_be_reached_costs_nothing(tmp_path: Path) -> None:
    with provider() as gone:
        upstream = Upstream("anthropic", gone.url, KEY)
    meter = Meter(tmp_path, upstream, Budget(calls=1), None)
    with meter.serving():
        url, key = meter.endpoint("claims")
        answer = requests.post(
            f"{url}/v1/messages", json={"model": "m"}, headers={"x-api-key": key}, timeout=5
        )
    assert (answer.status_code, meter.spent().calls) == (502, 0)
    assert answer.json()["error"]["type"] == "api_error"


@pytest.mark.parametrize(
    "said",
    [
        streamed(says.message_stream()[:300], cut=True),
        streamed(says.message_stream()[:300]),
        say({"id": "x", "content": []}),
        say({}, 200)._replace(pieces=(b"{",), cut=True),
        say({}, 200)._replace(refuses=True),
        say({}, 200)._replace(
            content_type="text/event-stream", headers=(("content-encoding", "x"),)
        ),
    ],
    ids=["stream cut", "stream short", "no usage", "body cut", "hung up", "encoded"],
)
def test_a_call_whose_outcome_nobody_told_counts_at_its_bound(
    tmp_path: Path, said: says.Say
) -> None:
    with metered(tmp_path, in_turn(said)) as at:
        try:
            at.post(stream=True)
        except requests.RequestException:
            assert said.cut, "only a cut is passed on as a cut"
    [settled] = settlements(tmp_path)
    sent = len(at.provider.requests[0].raw)
    assert (settled.assumed, settled.calls) == (True, 1)
    assert settled.input_tokens + settled.output_tokens == sent + BOUND_TOKENS
    assert settled.usd == (Decimal("3.75") * (sent + 1000) + 15 * 50) / 1_000_000
    assert at.meter.spent().assumed == 1


def test_a_cut_is_passed_on_as_a_cut(tmp_path: Path) -> None:
    cut = streamed(says.message_stream()[:300], cut=True)
    with metered(tmp_path, in_turn(cut, streamed(says.message_stream()))) as at:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            at.post(stream=True)
        assert at.post(stream=True).content == says.message_stream(), "it was not kept"


def test_a_client_that_dies_in_the_middle_is_counted_and_its_answer_kept(tmp_path: Path) -> None:
    gate, whole = Event(), says.message_stream(text="x" * 1000)
    with metered(tmp_path, in_turn(streamed(whole[:300], whole[300:], gate=gate))) as at:
        url, key = at.endpoint
        asked = {"model": "m", "max_tokens": 50, "messages": [], "stream": True}
        with requests.post(
            f"{url}/v1/messages", json=asked, headers={"x-api-key": key}, stream=True, timeout=5
        ) as answer:
            next(answer.iter_content(None))
        assert at.meter.spent().assumed == 1, "under way"
        gate.set()
        until(lambda: at.meter.spent().assumed == 0)
        assert at.meter.spent().usd == MESSAGE_USD
        assert at.post(stream=True).content == whole
        assert len(at.provider.requests) == 1


def test_a_client_that_dies_at_the_end_of_the_serving_is_counted(tmp_path: Path) -> None:
    gate, whole = Event(), says.message_stream()
    with metered(tmp_path, in_turn(streamed(whole[:50], whole[50:], gate=gate))) as at:
        url, key = at.endpoint
        with requests.post(
            f"{url}/v1/messages",
            json={"model": "m", "stream": True},
            headers={"x-api-key": key},
            stream=True,
            timeout=5,
        ) as answer:
            next(answer.iter_content(None))
        gate.set()
    assert (at.meter.spent().assumed, at.meter.spent().usd) == (0, MESSAGE_USD)


def test_a_provider_that_never_ends_is_left_at_the_deadline(tmp_path: Path) -> None:
    gate, whole = Event(), says.message_stream()
    slow = streamed(whole[:50], whole[50:], gate=gate)
    with metered(tmp_path, in_turn(slow), call_seconds=0.2) as at:
        with pytest.raises(requests.RequestException):
            at.post(stream=True)
        gate.set()
    assert at.meter.spent().assumed == 1


def test_the_end_of_the_serving_cuts_off_calls_and_refuses_those_that_wait(tmp_path: Path) -> None:
    gate, for_one = Event(), Budget(usd=Decimal("0.0054"))
    held = say({})._replace(gate=gate)
    with ThreadPoolExecutor(2) as pool:
        with metered(tmp_path, in_turn(held), for_one, drain_seconds=0.1) as at:
            first = pool.submit(at.post)
            until(lambda: len(at.provider.requests) == 1)
            second = pool.submit(at.post, top_k=1)
            with pytest.raises(TimeoutError):
                second.result(0.1)
        gate.set()
        assert second.result().status_code == 403
        with pytest.raises(requests.RequestException):
            first.result()
    assert len(at.provider.requests) == 1
    [cut] = settlements(tmp_path)
    assert (cut.assumed, cut.calls, at.meter.spent().assumed) == (True, 1, 1)
