from pathlib import Path
from typing import Any

import pytest

from agents.drivers.choose import driver_for
from agents.drivers.event import Event, Returned, Said, Used
from harness.record import HarnessError
from tests.agents.drivers.turns import ended, events_of, only, turn_at
from tests.agents.wire_server import Reply, wire_server

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.yaml"
    path.write_text("""
turns:
  - - say: I begin.
    - write: {path: a/f, content: "one\\n"}
    - replace: {path: a/f, old: one, new: two}
    - bash: cat a/f; echo ${HOME}
    - sleep_seconds: 0.01
    - say: I end.
  - - say: Second.
""")
    return path


def run(script: Path, root: Path, url: str = NOWHERE, **fields: Any) -> list[Event]:
    return events_of(driver_for("scripted", script), turn_at(url, root, **fields))


def test_a_turn_does_its_actions_in_order(script: Path, tmp_path: Path) -> None:
    events = run(script, tmp_path)
    assert [event.text for event in only(events, Said)] == ["I begin.", "I end."]
    outputs = [event.output for event in only(events, Returned)]
    assert outputs[-1] == f"two\n{tmp_path / 'home'}\n[exit code 0]"
    assert (ended(events).how, ended(events).text) == ("done", "I end.")


def test_turns_are_counted_over_sessions_and_the_last_is_repeated(
    script: Path, tmp_path: Path
) -> None:
    run(script, tmp_path)
    for session in (None, "0123456789abcdef", None):
        assert ended(run(script, tmp_path, session=session)).text == "Second."


def test_an_action_that_fails_is_told_and_the_turn_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("turns: [[{replace: {path: f, old: a, new: b}}, {say: on}]]")
    events = run(script, tmp_path)
    assert [event.ok for event in only(events, Returned)] == [False]
    assert ended(events).text == "on"


def test_a_script_may_fail(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("turns: [[{fail: out of ideas}], [{say: better}]]")
    assert (ended(run(script, tmp_path)).how, ended(run(script, tmp_path)).text) == (
        "failed",
        "better",
    )


def test_each_asking_is_a_call_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("turns: [[{ask: go on}, {ask: go on}]]")
    with wire_server([Reply("gone on")]) as server:
        events = run(script, tmp_path, server.url)
    assert ended(events).text == "gone on"
    assert [used.input_tokens for used in only(events, Used)] == [11, 11]
    assert [path for path, _, _ in server.requests] == ["/v1/messages"] * 2
    assert server.bodies[0] != server.bodies[1]


def test_an_asking_that_is_refused_ends_the_turn(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("turns: [[{ask: go on}, {say: never}]]")
    with wire_server([Reply("the budget is spent", status=403)]) as server:
        events = run(script, tmp_path, server.url)
    assert (ended(events).how, len(server.requests)) == ("failed", 1)
    assert "the budget is spent" in (ended(events).message or "")


def test_a_script_that_sleeps_past_the_deadline_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("turns: [[{sleep_seconds: 100}, {say: never}]]")
    assert ended(run(script, tmp_path, deadline_seconds=0.2)).how == "deadline"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("turns: []", "turns"),
        ("turns: [[{say: a, bash: b}]]", "one of say, bash"),
        ("turns: [[{}]]", "one of say, bash"),
        ("turns: [[{run: a}]]", "run"),
        ("turns: [[{write: {path: a}}]]", "content"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text(text)
    with pytest.raises(HarnessError, match=f"s.yaml.*{told}"):
        driver_for("scripted", script)


def test_a_script_is_for_the_scripted_driver_alone(script: Path) -> None:
    with pytest.raises(HarnessError, match="--script: needed"):
        driver_for("scripted")
    with pytest.raises(HarnessError, match="--script: only"):
        driver_for("anthropic", script)
