"""Both command-line agents as their makers ship them, against a model that plays a script."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psutil
import pytest

from agents.drivers.claude_code import ClaudeCode
from agents.drivers.codex import Codex
from agents.drivers.driver import Driver, Turn
from agents.drivers.event import Called, Ended, Event, Returned, Said, Started, Used, Warned
from agents.drivers.recording import last_session, record, recorded
from harness.isolation import Cell, choose
from tests.agents.drivers.turns import KEY, ended, events_of, only, turn_at
from tests.agents.wire_server import Call, Reply, WireServer, wire_server

pytestmark = pytest.mark.usefixtures("clis")
PLANTED = "sk-planted-0123456789abcdef"


class Cli(NamedTuple):
    """One of the two, with what tests ask of its tools."""

    driver: Driver
    shell: Callable[[str], Call]
    calls_ended_early: int
    """The most requests after one that is refused."""


CLAUDE = Cli(
    ClaudeCode(retries=1),
    lambda command: Call("Bash", {"command": command, "description": "a step"}),
    1,
)
CODEX = Cli(Codex(retries=1), lambda command: Call("exec_command", {"cmd": command}), 2)


@pytest.fixture(params=[CLAUDE, CODEX], ids=["claude_code", "codex"])
def cli(request: pytest.FixtureRequest) -> Cli:
    return request.param


def two_tools(cli: Cli) -> list[Reply]:
    """Write a file by one call, read it by another, answer; a further turn gets `Again.`"""
    return [
        Reply("I write.", (cli.shell("echo one > a.txt && echo written"),)),
        Reply(calls=(cli.shell("cat a.txt; exit 3"),)),
        Reply("Done: one."),
        Reply("Again."),
    ]


def in_cell(server: WireServer, root: Path, rung: str = "best", **fields: object) -> Turn:
    turn = turn_at(server.url, root, **fields)
    cell = Cell(rung=choose(rung), folder=turn.cell.folder, home=turn.cell.home)  # pyright: ignore[reportArgumentType]
    return turn_at(server.url, root, **{"cell": cell, **fields})


@pytest.mark.parametrize("rung", ["best", "process"])
def test_a_task_of_two_tools_is_done_and_told(cli: Cli, rung: str, tmp_path: Path):
    with wire_server(two_tools(cli)) as server:
        events = events_of(cli.driver, in_cell(server, tmp_path, rung))
    assert (tmp_path / "tree" / "a.txt").read_text() == "one\n"
    assert len(server.requests) == 3
    end = ended(events)
    assert (end.how, end.text) == ("done", "Done: one.")
    [started] = only(events, Started)
    assert started.session == end.session is not None
    assert [said.text for said in only(events, Said)] == ["I write.", "Done: one."]
    returned = list(only(events, Returned))
    assert [each.call for each in only(events, Called)] == [each.call for each in returned]
    assert [each.ok for each in returned] == [True, False]
    assert "written" in returned[0].output
    assert "one" in returned[1].output
    assert list(only(events, Used)) == [Used(input_tokens=33, output_tokens=21)]
    places = [events.index(kind) for kind in (started, *returned, end)]
    assert places == sorted(places)


def test_a_session_goes_on_with_what_was_said_in_it(cli: Cli, tmp_path: Path):
    with wire_server(two_tools(cli)) as server:
        first = ended(events_of(cli.driver, in_cell(server, tmp_path)))
        again = in_cell(server, tmp_path, prompt="Go on.", session=first.session)
        events = events_of(cli.driver, again)
        alone = events_of(cli.driver, in_cell(server, tmp_path, prompt="Go on."))
    assert ended(events) == Ended(
        how="done", text="Again.", session=first.session, reported_usd=ended(events).reported_usd
    )
    assert list(only(events, Used)) == [Used(input_tokens=11, output_tokens=7)], "of this turn"
    with_memory, without = map(json.dumps, server.bodies[3:])
    assert "I write." in with_memory
    assert "I write." not in without, "the control: a session of its own"
    assert ended(alone).session != first.session


def test_a_session_goes_on_after_the_program_was_killed_in_it(cli: Cli, tmp_path: Path):
    class Killed:
        name, wire, version = cli.driver.name, cli.driver.wire, cli.driver.version

        def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
            for event in cli.driver.run(turn, raw):
                yield event
                if isinstance(event, Returned):
                    _wait_for("echo one > a.txt", turn.cell.home)
                    raise KeyboardInterrupt

    script = two_tools(cli)
    script[1] = Reply(manner="silent")
    with wire_server(script) as server:
        with pytest.raises(KeyboardInterrupt):
            record(Killed(), in_cell(server, tmp_path), tmp_path / "part-1")
        session = last_session(tmp_path / "part-1")
        server.script = [Reply("Done: one.")]
        end = record(cli.driver, in_cell(server, tmp_path, session=session), tmp_path / "part-2")
    assert (end.how, end.session) == ("done", session)
    assert "echo one > a.txt" in json.dumps(server.bodies[-1])


def _wait_for(text: str, home: Path) -> None:
    """Until a program has written it into one of its sessions, which it does now and then."""
    end = time.monotonic() + 10
    while not any(text in file.read_text() for file in home.rglob("*.jsonl")):
        assert time.monotonic() < end, f"not written: {text}"
        time.sleep(0.02)


def test_a_session_that_is_not_kept_is_begun_anew(cli: Cli, tmp_path: Path):
    with wire_server([Reply("Done.")]) as server:
        events = events_of(cli.driver, in_cell(server, tmp_path, session=str(UUID(int=5))))
    assert isinstance(events[0], Warned)
    assert ended(events).how == "done"
    assert ended(events).session != str(UUID(int=5))


def test_a_server_that_is_not_there_fails_the_turn(cli: Cli, tmp_path: Path):
    with wire_server([Reply()]) as server:
        turn = in_cell(server, tmp_path)
    end = ended(events_of(cli.driver, turn))
    assert end.how == "failed"
    assert "onnect" in (end.message or "")


def test_a_spent_budget_fails_the_turn_with_its_reason_and_few_calls(cli: Cli, tmp_path: Path):
    script = [two_tools(cli)[0], Reply("the budget is spent", status=403)]
    with wire_server(script) as server:
        end = ended(events_of(cli.driver, in_cell(server, tmp_path)))
    assert end.how == "failed"
    assert "the budget is spent" in (end.message or "")
    assert len(server.requests) <= 1 + cli.calls_ended_early


def test_a_refusal_of_the_model_is_told(tmp_path: Path):
    with wire_server([Reply("I will not.", stop="refusal")]) as server:
        end = ended(events_of(CLAUDE.driver, in_cell(server, tmp_path)))
    assert end.how == "refused"


@pytest.mark.parametrize("rung", ["best", "process"])
def test_nothing_outlives_a_deadline(cli: Cli, rung: str, tmp_path: Path):
    seconds = 1_000_000 + time.monotonic_ns() % 1_000_000
    loose = cli.shell(
        f"setsid sh -c 'echo > ready; exec sleep {seconds}' >/dev/null 2>&1 & "
        "until [ -e ready ]; do sleep 0.05; done"
    )
    with wire_server([Reply(calls=(loose,)), Reply(manner="silent")]) as server:
        turn = in_cell(server, tmp_path, rung, deadline_seconds=2.5, model=f"model-{seconds}")
        running: list[set[str]] = []
        for event in cli.driver.run(turn, lambda _: None):
            if isinstance(event, Returned):
                running.append(set(_with(str(seconds))))
    assert isinstance(event, Ended)
    assert event.how == "deadline"
    assert event.session is not None
    assert {"sleep"} < running[0], "the control: while they run, it and the program are seen"
    assert list(_with(str(seconds))) == []


def _with(word: str) -> Iterator[str]:
    for process in psutil.process_iter(["name", "cmdline"]):
        if word in " ".join(process.info["cmdline"] or ()):
            yield process.info["name"]


def test_the_agent_sees_the_meters_key_and_no_other(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CODEX_API_KEY"):
        monkeypatch.setenv(name, PLANTED)
    script = [Reply(calls=(cli.shell("env | tee seen.txt; echo END"),)), Reply("Done.")]
    with wire_server(script) as server:
        end = record(cli.driver, in_cell(server, tmp_path), tmp_path / "turn")
    assert end.how == "done"
    seen = (tmp_path / "tree" / "seen.txt").read_text()
    assert KEY in seen, "the control: keys in the environment are seen"
    assert PLANTED not in json.dumps(server.requests)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 8
    assert not [path for path in files if PLANTED.encode() in path.read_bytes()]
    kept = [path for path in files if path.is_relative_to(tmp_path / "turn")]
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]
    outputs = [each.event for each in recorded(tmp_path / "turn")]
    assert "[key]" in next(only(outputs, Returned)).output


def test_only_the_orchestrators_instructions_reach_the_model(cli: Cli, tmp_path: Path):
    tree, home = tmp_path / "tree", tmp_path / "home"
    for folder in (tree, tree / ".claude", home / ".claude", home / ".codex"):
        folder.mkdir(parents=True, exist_ok=True)
    for file in (tree / "AGENTS.md", tree / "CLAUDE.md", home / ".claude" / "CLAUDE.md"):
        file.write_text("The planted word is xylophone.\n")
    settings = json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, "model": "other"})
    (tree / ".claude" / "settings.json").write_text(settings)
    (home / ".claude" / "settings.json").write_text(settings)
    (home / ".codex" / "config.toml").write_text('developer_instructions = "xylophone"\n')
    with wire_server([Reply("Done.")]) as server:
        turn = in_cell(server, tmp_path, instructions='Say "zither" – \u2028 twice.\n\x7f')
        assert ended(events_of(cli.driver, turn)).how == "done"
    [body] = server.bodies
    asked = json.dumps(body, ensure_ascii=False)
    assert "xylophone" not in asked
    assert r"Say \"zither\" – " in asked
    assert body["model"] == "a-model"
    assert '"view_image"' not in asked, "the meter refuses calls that hold an image"


def test_the_version_is_told(cli: Cli):
    assert re.search(r"\d+\.\d+\.\d+", cli.driver.version())
