"""The provider's key leaves the meter towards the provider only."""

from pathlib import Path

import pytest

from agents.metering.upstream import HIDDEN
from tests.agents.metering.metered import KEY, metered
from tests.agents.metering.provider import in_turn, say, streamed


def holding(folder: Path, secret: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_neither_key_nor_token_is_in_any_file(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        token = at.endpoint.key
        at.post()
        at.post(stream=True)
        at.post("/v1/responses", model="other")
        assert at.provider.requests[0].headers["x-api-key"] == KEY, "it was sent"
    assert len([*tmp_path.rglob("*")]) == 5, "ledger, folder and three answers"
    assert holding(tmp_path, KEY) == holding(tmp_path, token) == []
    assert holding(tmp_path, "hello"), "the answers themselves are there"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_a_provider_that_quotes_the_key_is_not_passed_on_with_it(
    tmp_path: Path, status: int
) -> None:
    echo = say({"error": {"message": f"Incorrect API key provided: {KEY}."}}, status)
    echo = echo._replace(headers=(("x-echo", f"Bearer {KEY}"), ("x-other", "kept")))
    with metered(tmp_path, in_turn(echo)) as at:
        answer = at.post()
    assert answer.status_code == status
    assert answer.json() == {"error": {"message": f"Incorrect API key provided: {HIDDEN}."}}
    assert (answer.headers.get("x-echo"), answer.headers["x-other"]) == (None, "kept")
    assert holding(tmp_path, KEY) == []


def test_a_stream_that_quotes_the_key_is_not_kept(tmp_path: Path) -> None:
    end = b'data: {"type": "message_stop"}\n\n'
    with metered(tmp_path, in_turn(streamed(f": {KEY}\n".encode(), end), streamed(end))) as at:
        at.post(stream=True)
        at.post(stream=True, top_k=1)
    assert len([*(tmp_path / "answers").iterdir()]) == 1, "the one without the key"
    assert holding(tmp_path, KEY) == []


def test_an_endpoint_is_of_this_machine_and_shows_no_key(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        assert KEY not in repr((at.endpoint, at.meter))
        assert at.endpoint.url.startswith("http://127.0.0.1:")
