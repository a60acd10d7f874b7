"""What the loop does, by the same tests for each of the three APIs."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.drivers import loop, retries
from agents.drivers.choose import driver_for
from agents.drivers.driver import Driver
from agents.drivers.event import Called, Returned, Said, Started, Used, Warned
from tests.agents.drivers.turns import KEY, ended, events_of, only, turn_at
from tests.agents.wire_server import Call, Reply, WireServer, wire_server

WRITE = Call("write_file", {"path": "a.txt", "content": "hello"})
READ = Call("bash", {"command": "cat a.txt", "timeout_seconds": None})


@pytest.fixture(params=["anthropic", "openai", "openai_compatible"])
def driver(request: pytest.FixtureRequest) -> Driver:
    return driver_for(request.param)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.02)


@pytest.fixture
def server() -> Iterator[WireServer]:
    """Does a task of two tools, unless its script is changed."""
    with wire_server([Reply("I write.", (WRITE, READ)), Reply("Done.")]) as running:
        yield running


def said_by_us(body: dict[str, Any]) -> str:
    """All of a request but what it says of the tools."""
    return json.dumps({key: value for key, value in body.items() if key != "tools"})


def test_an_answer_goes_back_unchanged_with_the_results_of_all_its_calls(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    raw: list[str] = []
    events = events_of(driver, turn_at(server.url, tmp_path), raw.append)
    assert [event.kind for event in events] == [
        *("started", "said", "used", "called", "returned", "called", "returned"),
        *("said", "used", "ended"),
    ]
    first, second = server.bodies
    answered = json.loads(raw[0])
    match driver.name:
        case "anthropic":
            *_, model, user = second["messages"]
            assert model == {"role": "assistant", "content": answered["content"]}
            results = [(part["tool_use_id"], part["is_error"]) for part in user["content"]]
            assert results == [("toolu_0_0", False), ("toolu_0_1", False)]
            assert second["messages"][:1] == first["messages"]
        case "openai":
            assert second["input"][: len(first["input"])] == first["input"]
            assert second["input"][1:4] == answered["output"]
            assert [each["call_id"] for each in second["input"][4:]] == ["call_0_0", "call_0_1"]
            assert (second["store"], second["include"]) == (False, ["reasoning.encrypted_content"])
        case _:
            assert second["messages"][:2] == first["messages"]
            assert second["messages"][2] == answered["choices"][0]["message"]
            ids = [each["tool_call_id"] for each in second["messages"][3:]]
            assert ids == ["call_0_0", "call_0_1"]
    assert "hello\\n[exit code 0]" in said_by_us(second)
    assert all(used.input_tokens == 11 and used.output_tokens == 7 for used in only(events, Used))


def test_the_sdks_own_keys_and_proxies_play_no_part(
    driver: Driver, server: WireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "planted-key")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ended(events_of(driver, turn_at(server.url, tmp_path))).how == "done"
    for _, headers, _ in server.requests:
        assert KEY in f"{headers.get('authorization')} {headers.get('x-api-key')}"
        assert "planted-key" not in str(headers)


def test_a_tool_that_is_not_there_and_arguments_that_do_not_fit_are_told_to_the_model(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    calls = (Call("python", {"code": "1"}), Call("read_file", {"path": "../x"}), Call("bash", {}))
    server.script = [Reply(calls=calls), Reply("Sorry.")]
    events = events_of(driver, turn_at(server.url, tmp_path))
    assert [event.ok for event in only(events, Returned)] == [False] * 3
    told = said_by_us(server.bodies[1])
    assert all(each in told for each in ("no such tool", "without `..`", "Field required"))


def test_the_next_turn_remembers_the_one_before(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    session = ended(events_of(driver, turn_at(server.url, tmp_path, prompt="First."))).session
    turn = turn_at(server.url, tmp_path, prompt="Second.", session=session)
    events = events_of(driver, turn)
    assert [event.session for event in only(events, Started)] == [session]
    told = said_by_us(server.bodies[-1])
    assert told.index("First.") < told.index("I write.") < told.index("Done.")
    assert told.index("Done.") < told.index("Second.")
    fresh = events_of(driver, turn_at(server.url, tmp_path, prompt="Third."))
    assert ended(fresh).session != session
    assert "First." not in said_by_us(server.bodies[-1])


def test_an_answer_that_was_cut_off_runs_no_tool_and_goes_on(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [
        Reply("a", (WRITE,), stop="length"),
        Reply("b", stop="length"),
        Reply("c"),
    ]
    events = events_of(driver, turn_at(server.url, tmp_path))
    assert (ended(events).how, ended(events).text) == ("done", "c")
    assert not (tmp_path / "tree/a.txt").exists()
    assert [event.ok for event in only(events, Returned)] == [False]
    assert said_by_us(server.bodies[1]).count("was cut off") == 1
    assert said_by_us(server.bodies[2]).count("was cut off") == 2


def test_a_model_that_declines_ends_the_turn_and_is_not_quoted_to_itself(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [Reply("I will not.", stop="refusal"), Reply("Fine.")]
    first = ended(events_of(driver, turn_at(server.url, tmp_path, prompt="First.")))
    assert first.how == "refused"
    turn = turn_at(server.url, tmp_path, prompt="Second.", session=first.session)
    assert ended(events_of(driver, turn)).how == "done"
    told = said_by_us(server.bodies[1])
    assert "First." in told
    assert "I will not." not in told


@pytest.mark.parametrize(
    ("status", "requests"), [(400, 1), (401, 1), (403, 1), (404, 1), (500, 3), (429, 3), (529, 3)]
)
def test_what_passes_is_asked_again_and_nothing_else(
    driver: Driver, server: WireServer, tmp_path: Path, status: int, requests: int
) -> None:
    server.script = [*[Reply("the budget is spent", status=status)] * 2, Reply("Done.")]
    events = events_of(driver, turn_at(server.url, tmp_path))
    assert len(server.requests) == requests
    assert len(list(only(events, Warned))) == requests - 1
    last = ended(events)
    assert last.how == ("done" if requests > 1 else "failed")
    if last.how == "failed":
        assert f"HTTP {status}: " in (last.message or "")
        assert "the budget is spent" in (last.message or "")


def test_a_connection_that_breaks_off_is_tried_a_few_times(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [Reply("x" * 2000, manner="cut"), Reply("Done.")]
    events = events_of(driver, turn_at(server.url, tmp_path))
    assert (len(server.requests), ended(events).how) == (2, "done")
    assert [event.text for event in only(events, Said)] == ["Done."]
    server.script = [Reply("x" * 2000, manner="cut")]
    begin = time.monotonic()
    assert ended(events_of(driver, turn_at(server.url, tmp_path))).how == "failed"
    assert len(server.requests) == 2 + 4
    assert time.monotonic() - begin < 5


def test_a_wait_that_ends_after_the_deadline_is_not_begun(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [Reply("later", status=429, headers=(("retry-after", "60"),))]
    begin = time.monotonic()
    last = ended(events_of(driver, turn_at(server.url, tmp_path)))
    assert (last.how, len(server.requests)) == ("failed", 1)
    assert time.monotonic() - begin < 5


def test_a_server_that_is_silent_ends_at_the_deadline(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [Reply(manner="silent")]
    begin = time.monotonic()
    last = ended(events_of(driver, turn_at(server.url, tmp_path, deadline_seconds=1.0)))
    assert last.how == "deadline"
    assert 0.9 < time.monotonic() - begin < 5


def test_a_call_that_the_deadline_cut_off_is_answered_before_the_next_prompt(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    slow = Call("bash", {"command": "echo x >> log; sleep 60", "timeout_seconds": None})
    server.script = [Reply(calls=(slow, WRITE)), Reply("Done.")]
    turn = turn_at(server.url, tmp_path, prompt="First.", deadline_seconds=1.5)
    first = events_of(driver, turn)
    assert ended(first).how == "deadline"
    assert len(list(only(first, Called))) == 1
    turn = turn_at(server.url, tmp_path, prompt="Second.", session=ended(first).session)
    assert ended(events_of(driver, turn)).how == "done"
    told = said_by_us(server.bodies[1])
    assert told.index("killed after") < told.index("not run: the turn was over")
    assert told.index("not run: the turn was over") < told.index("Second.")
    assert (tmp_path / "tree/log").read_text() == "x\n"


def test_a_conversation_that_is_too_long_is_not_gone_on_with(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    server.script = [Reply("prompt is too long: 200001 tokens > 200000 maximum", status=400)]
    last = ended(events_of(driver, turn_at(server.url, tmp_path)))
    assert (last.how, last.session) == ("failed", None)


def test_a_model_that_never_stops_is_stopped(
    driver: Driver, server: WireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_ANSWERS", 3)
    server.script = [Reply(calls=(WRITE,))]
    last = ended(events_of(driver, turn_at(server.url, tmp_path)))
    assert (last.how, len(server.requests)) == ("turns", 3)


@pytest.mark.parametrize("body", ["<html>", "{}", "[]", "data: {]\n\n", "data: []\n\n", ""])
def test_what_is_no_answer_ends_the_turn(
    driver: Driver, server: WireServer, tmp_path: Path, body: str
) -> None:
    server.script = [Reply(body=body)]
    assert ended(events_of(driver, turn_at(server.url, tmp_path))).how == "failed"


def test_a_file_that_is_no_conversation_ends_the_turn(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/0123456789abcdef.jsonl").write_text('{"kind":"rubbish"}\n')
    turn = turn_at(server.url, tmp_path, session="0123456789abcdef")
    last = ended(events_of(driver, turn))
    assert last.how == "failed"
    assert "0123456789abcdef.jsonl" in (last.message or "")


def test_no_session_names_a_file_elsewhere(
    driver: Driver, server: WireServer, tmp_path: Path
) -> None:
    turn = turn_at(server.url, tmp_path, session="../outside")
    assert ended(events_of(driver, turn)).session != "../outside"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "memory", "tree"]
