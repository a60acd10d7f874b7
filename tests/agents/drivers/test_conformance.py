"""What every driver does, whatever is behind it: one suite for all six."""

import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

import psutil
import pytest
from ruamel.yaml import YAML

from agents.drivers import retries
from agents.drivers.choose import driver_for
from agents.drivers.claude_code import ClaudeCode
from agents.drivers.codex import Codex
from agents.drivers.driver import Driver, DriverName
from agents.drivers.event import Called, Event, Returned, Said, Used
from tests.agents.drivers.turns import ended, events_of, only, turn_at
from tests.agents.wire_server import Call, Reply, wire_server

ALL: tuple[DriverName, ...] = (
    "claude_code",
    "codex",
    "anthropic",
    "openai",
    "openai_compatible",
    "scripted",
)
WRITE, READ = "echo forty-two > answer", "cat answer"
TASK = (WRITE, READ, "I wrote the answer.")
"""Two commands and the last words."""


@dataclass
class Subject:
    """A driver, and a server or a script that has it do what a test wants."""

    name: DriverName
    root: Path

    @contextmanager
    def doing(self, *steps: str) -> Generator["Doing"]:
        """Commands one after the other, the last step being said; of one step, only that."""
        *commands, last = steps
        if self.name == "scripted":
            self.write_script([*({"bash": each} for each in commands), {"say": last}])
            yield Doing(self.driver, "http://127.0.0.1:9", [])
            return
        replies = [Reply(calls=(self._shell(each),)) for each in commands]
        with wire_server([*replies, Reply(last)]) as server:
            yield Doing(self.driver, server.url, server.requests)

    @contextmanager
    def refused(self, status: int) -> Generator["Doing"]:
        """Every call of the model ends with a status."""
        if self.name == "scripted":
            self.write_script([{"ask": "go on"}])
        with wire_server([Reply("the budget is spent", status=status)]) as server:
            yield Doing(self.driver, server.url, server.requests)

    @property
    def driver(self) -> Driver:
        script = self.root / "script.yaml"
        driver = driver_for(self.name, script if self.name == "scripted" else None)
        if isinstance(driver, ClaudeCode | Codex):
            return replace(driver, retries=1)
        return driver

    def write_script(self, turn: list[dict[str, str]]) -> None:
        with (self.root / "script.yaml").open("w") as file:
            YAML().dump({"turns": [turn]}, file)

    def _shell(self, command: str) -> Call:
        match self.name:
            case "claude_code":
                return Call("Bash", {"command": command, "description": "a step"})
            case "codex":
                return Call("exec_command", {"cmd": command, "yield_time_ms": 30_000})
            case "anthropic" | "openai" | "openai_compatible" | "scripted":
                return Call("bash", {"command": command, "timeout_seconds": None})
            case _:
                assert_never(self.name)


@dataclass
class Doing:
    """A driver and where it asks."""

    driver: Driver
    url: str
    requests: list[tuple[str, dict[str, str], dict[str, object]]]


@pytest.fixture(params=ALL)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    if request.param in ("claude_code", "codex"):
        request.getfixturevalue("clis")
    return Subject(request.param, tmp_path)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.02)


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def require_form(events: list[Event]) -> None:
    """One start, before all that the model does; each call with its result; one end, the last."""
    ended(events)
    kinds = [event.kind for event in events if event.kind not in ("warned", "unread")]
    assert kinds[0] == "started"
    assert kinds.count("started") == 1
    called = [event.call for event in only(events, Called)]
    returned = [event.call for event in only(events, Returned)]
    assert len(set(called)) == len(called)
    assert returned == called


def test_a_task_of_two_tools_is_done_and_told(subject: Subject) -> None:
    raw: list[str] = []
    with subject.doing(*TASK) as doing:
        events = events_of(doing.driver, turn_at(doing.url, subject.root), raw.append)
    require_form(events)
    assert (subject.root / "tree/answer").read_text() == "forty-two\n"
    assert [event.ok for event in only(events, Returned)] == [True, True]
    assert "forty-two" in list(only(events, Returned))[-1].output
    assert TASK[-1] in [event.text for event in only(events, Said)]
    assert (ended(events).how, ended(events).text) == ("done", TASK[-1])
    assert raw
    used = [each.input_tokens for each in only(events, Used)]
    assert sum(used) == (0 if doing.driver.wire is None else 11 * len(doing.requests))


def test_the_software_is_named_with_its_version(subject: Subject) -> None:
    subject.write_script([])
    assert any(character.isdigit() for character in subject.driver.version()) == (
        subject.name != "scripted"
    )


def test_a_refused_call_ends_the_turn_and_is_not_stormed(subject: Subject) -> None:
    with subject.refused(403) as doing:
        events = events_of(doing.driver, turn_at(doing.url, subject.root))
    assert ended(events).how == "failed"
    assert ended(events).message
    assert 1 <= len(doing.requests) <= 3


def test_a_server_that_is_not_there_ends_the_turn(subject: Subject) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        subject.write_script([{"ask": "go on"}])
        events = events_of(subject.driver, turn_at(url, subject.root))
    assert ended(events).how == "failed"


def test_the_next_turn_remembers_the_one_before(subject: Subject) -> None:
    if subject.name == "scripted":
        pytest.skip("a script remembers nothing but its place")
    with subject.doing("The word is heron.") as doing:
        first = events_of(doing.driver, turn_at(doing.url, subject.root, prompt="Say a word."))
        session = ended(first).session
        assert session is not None
        turn = turn_at(doing.url, subject.root, prompt="Which was it?", session=session)
        second = events_of(doing.driver, turn)
    assert (ended(second).how, ended(second).session) == ("done", session)
    told = str(doing.requests[-1][2])
    assert told.index("Say a word.") < told.index("The word is heron.")
    assert told.index("The word is heron.") < told.index("Which was it?")


def test_the_deadline_ends_the_turn_and_all_that_it_started(subject: Subject) -> None:
    stay = "(trap '' TERM HUP; echo $BASHPID >> pids; sleep 300) & echo $$ >> pids; sleep 300"
    seconds = 5.0 if subject.name in ("claude_code", "codex") else 1.5
    begin = time.monotonic()
    with subject.doing(stay, "never said") as doing:
        turn = turn_at(doing.url, subject.root, deadline_seconds=seconds)
        events = events_of(doing.driver, turn)
    assert ended(events).how == "deadline"
    assert seconds - 0.1 < time.monotonic() - begin < seconds + 8
    pids = [int(line) for line in (subject.root / "tree/pids").read_text().split()]
    assert len(pids) == 2
    assert not any(map(is_alive, pids))


def test_nothing_is_written_but_in_tree_home_and_memory(subject: Subject) -> None:
    with subject.doing(*TASK) as doing:
        before = _entries(subject.root)
        events_of(doing.driver, turn_at(doing.url, subject.root))
        assert _entries(subject.root) == before
    assert [each.name for each in (subject.root / "tree").iterdir()] == ["answer"]


def _entries(root: Path) -> set[str]:
    """What lies beside the three folders."""
    return {each.name for each in root.iterdir()} | {"tree", "home", "memory"}
