from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.drivers.codex import Codex
from agents.drivers.event import (
    Called,
    Ended,
    Event,
    Returned,
    Said,
    Started,
    Unread,
    Used,
    Warned,
)
from tests.agents.drivers.played import plays
from tests.agents.drivers.turns import KEY, ended, events_of, turn_at

THREAD = str(UUID(int=9))
STARTED = {"type": "thread.started", "thread_id": THREAD}
TURN = {"type": "turn.started"}


def item(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "item.completed", "item": {"id": "item_1", "type": kind, **fields}}


def completed(tokens_in: int = 100, cached: int = 70, tokens_out: int = 5) -> dict[str, Any]:
    usage = {"input_tokens": tokens_in, "cached_input_tokens": cached, "output_tokens": tokens_out}
    return {"type": "turn.completed", "usage": usage | {"reasoning_output_tokens": 0}}


RAN = item(
    "command_execution",
    command="/bin/bash -c ls",
    aggregated_output="a.txt\n",
    exit_code=0,
    status="completed",
)
RUNNING = {
    "type": "item.started",
    "item": RAN["item"] | {"aggregated_output": "", "exit_code": None, "status": "in_progress"},
}
SAID = item("agent_message", text="Done.")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Events of a turn in which the program prints lines."""

    def run(*lines: Any, session: str | None = None, **ends: Any) -> list[Event]:
        program = plays(tmp_path / "codex", *lines, **ends)
        monkeypatch.setenv("HARNESS_CODEX", str(program))
        return events_of(Codex(), turn_at("http://127.0.0.1:9", tmp_path, session=session))

    return run


def test_a_turn_becomes_events_in_the_order_of_its_lines(run):
    called = Called(
        call="item_1", tool="command_execution", arguments={"command": "/bin/bash -c ls"}
    )
    assert run(STARTED, TURN, RUNNING, RAN, item("reasoning", text="hm"), SAID, completed()) == [
        Started(session=THREAD, model=None),
        called,
        Returned(call="item_1", ok=True, output="a.txt\n"),
        Said(text="Done."),
        Used(input_tokens=100, cached_tokens=70, output_tokens=5),
        Ended(how="done", text="Done.", session=THREAD),
    ]


def test_a_call_that_is_told_of_only_at_its_end_was_called_too(run):
    kinds = [type(event) for event in run(STARTED, RAN, SAID, completed())]
    assert kinds == [Started, Called, Returned, Said, Used, Ended]


@pytest.mark.parametrize(
    ("more", "ok"),
    [
        ({}, True),
        ({"exit_code": 3, "status": "failed"}, False),
        ({"exit_code": 3}, False),
        ({"exit_code": None, "status": "declined"}, False),
    ],
)
def test_a_command_is_ok_where_it_completed_with_code_zero(run, more: dict[str, Any], ok: bool):
    events = run(STARTED, {"type": "item.completed", "item": RAN["item"] | more}, completed())
    assert [event.ok for event in events if isinstance(event, Returned)] == [ok]


def test_a_change_of_files_is_a_call_with_its_paths(run):
    changes = [{"path": "/w/b.txt", "kind": "add"}]
    events = run(STARTED, item("file_change", changes=changes, status="completed"), completed())
    assert events[1:3] == [
        Called(call="item_1", tool="file_change", arguments={"changes": changes}),
        Returned(call="item_1", ok=True, output="completed"),
    ]


def test_a_failed_turn_tells_why_and_what_was_tried(run):
    why = "unexpected status 403 Forbidden: budget spent"
    events = run(
        STARTED,
        TURN,
        {"type": "error", "message": f"Reconnecting... 1/2 ({why})"},
        {"type": "turn.failed", "error": {"message": why}},
        code=1,
    )
    assert events[1:] == [
        Warned(message=f"Reconnecting... 1/2 ({why})"),
        Ended(how="failed", session=THREAD, message=why),
    ]


def test_an_error_among_the_items_is_a_warning(run):
    events = run(STARTED, item("error", message="no metadata"), SAID, completed())
    assert events[1] == Warned(message="no metadata")
    assert ended(events).how == "done"


def test_lines_of_an_unknown_form_are_named(run):
    events = run(
        STARTED,
        {"type": "turn.new"},
        item("collab_tool_call"),
        {"type": "item.completed", "item": {"type": "agent_message"}},
        {"type": 7},
        completed(),
    )
    unread = [event.type for event in events if isinstance(event, Unread)]
    assert unread == ["turn.new", "item/collab_tool_call", "item.completed", "7"]


def test_a_program_that_dies_without_a_word_has_failed_and_its_errors_are_told(run):
    end = ended(run(errors="no rollout found", code=1))
    assert end == Ended(how="failed", message="exit code 1\nno rollout found")


def test_tokens_of_a_thread_are_told_turn_by_turn(run):
    def used(*counts: int) -> Used:
        [used] = [each for each in run(STARTED, completed(*counts)) if isinstance(each, Used)]
        return used

    assert used(100, 70, 5) == Used(input_tokens=100, cached_tokens=70, output_tokens=5)
    assert used(250, 170, 9) == Used(input_tokens=150, cached_tokens=100, output_tokens=4)
    assert used(40, 0, 2) == Used(input_tokens=40, cached_tokens=0, output_tokens=2), "anew"


def test_a_thread_is_resumed_only_where_the_program_has_it(run, tmp_path: Path):
    arguments = tmp_path / "codex.arguments"
    events = run(STARTED, completed(), session=THREAD)
    assert events[0] == Warned(message=f"session {THREAD}: not kept by the program; begun anew")
    assert arguments.read_text().endswith("\n-\n")
    assert "resume" not in arguments.read_text().split("\n")
    kept = tmp_path / "home" / ".codex" / "sessions" / "2026" / "01" / "31"
    kept.mkdir(parents=True)
    (kept / f"rollout-2026-01-31T00-00-00-{THREAD}.jsonl").write_text("{}\n")
    assert not isinstance(run(STARTED, completed(), session=THREAD)[0], Warned)
    assert arguments.read_text().endswith(f"\nresume\n{THREAD}\n-\n")


def test_the_prompt_is_the_input_and_the_key_no_argument(run, tmp_path: Path):
    run(STARTED, completed())
    assert (tmp_path / "codex.prompt").read_text() == "Do it."
    arguments = (tmp_path / "codex.arguments").read_text()
    assert KEY not in arguments
    assert 'developer_instructions="You replicate papers."' in arguments


@pytest.mark.parametrize("is_link", [False, True])
def test_a_home_that_an_agent_replaced_is_made_anew(
    run: Callable[..., list[Event]], tmp_path: Path, *, is_link: bool
) -> None:
    place = tmp_path / "home/.codex"
    place.parent.mkdir()
    if is_link:
        place.symlink_to("/nowhere")
    else:
        place.write_text("in the way")
    assert ended(run(STARTED, TURN, SAID, completed())).how == "done"
    assert place.is_dir()
    assert not place.is_symlink()
