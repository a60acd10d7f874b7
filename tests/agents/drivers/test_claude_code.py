import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.drivers.claude_code import ClaudeCode
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
from harness.record import HarnessError
from tests.agents.drivers.played import plays
from tests.agents.drivers.turns import KEY, ended, events_of, turn_at

SESSION = str(UUID(int=7))
INIT = {"type": "system", "subtype": "init", "session_id": SESSION, "model": "a-model"}
RETRY = {
    "type": "system",
    "subtype": "api_retry",
    "attempt": 1,
    "max_retries": 4,
    "retry_delay_ms": 532,
    "error_status": 500,
    "error": "server_error",
    "session_id": SESSION,
}
RESULT = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "terminal_reason": "completed",
    "stop_reason": "end_turn",
    "result": "Done.",
    "session_id": SESSION,
    "total_cost_usd": 0.25,
    "usage": {
        "input_tokens": 10,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 70,
        "output_tokens": 5,
        "service_tier": "standard",
    },
}


def assistant(*content: dict[str, Any], model: str = "a-model") -> dict[str, Any]:
    usage = {"input_tokens": 11, "output_tokens": 1}
    message = {"role": "assistant", "model": model, "content": [*content], "usage": usage}
    return {"type": "assistant", "message": message, "session_id": SESSION}


def result_of(call: str, content: Any, **more: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call, "content": content, **more}
    message = {"role": "user", "content": [block]}
    return {"type": "user", "message": message, "session_id": SESSION}


TEXT = {"type": "text", "text": "I write."}
CALL = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Events of a turn in which the program prints lines."""

    def run(*lines: Any, session: str | None = None, **ends: Any) -> list[Event]:
        program = plays(tmp_path / "claude", *lines, **ends)
        monkeypatch.setenv("HARNESS_CLAUDE", str(program))
        return events_of(ClaudeCode(), turn_at("http://127.0.0.1:9", tmp_path, session=session))

    return run


def test_a_turn_becomes_events_in_the_order_of_its_lines(run):
    thought = {"type": "thinking", "thinking": "hm"}
    listed = [{"type": "text", "text": "a.txt"}, {"type": "image", "source": {}}]
    assert run(
        INIT, assistant(thought), assistant(TEXT), assistant(CALL), result_of("t1", listed), RESULT
    ) == [
        Started(session=SESSION, model="a-model"),
        Said(text="I write."),
        Called(call="t1", tool="Bash", arguments={"command": "ls"}),
        Returned(call="t1", ok=True, output="a.txt\n[image]"),
        Used(input_tokens=100, cached_tokens=70, output_tokens=5),
        Ended(how="done", text="Done.", session=SESSION, reported_usd=0.25),
    ]


def test_a_line_before_init_tells_of_the_start_once(run):
    events = run(RETRY, INIT, RESULT)
    assert events[:2] == [
        Started(session=SESSION, model=None),
        Warned(message="call tried again (1 of 4): 500 server_error"),
    ]
    assert sum(isinstance(event, Started) for event in events) == 1


def test_a_tool_that_failed_is_told_from_one_that_did_not(run):
    failed = run(assistant(CALL), result_of("t1", "Exit code 3", is_error=True), RESULT)
    assert Returned(call="t1", ok=False, output="Exit code 3") in failed
    fine = run(assistant(CALL), result_of("t1", "Exit code 3", is_error=False), RESULT)
    assert Returned(call="t1", ok=True, output="Exit code 3") in fine


@pytest.mark.parametrize(
    ("more", "how"),
    [
        ({}, "done"),
        ({"is_error": True, "terminal_reason": "api_error"}, "failed"),
        ({"is_error": True, "terminal_reason": "api_error", "stop_reason": "refusal"}, "refused"),
        ({"is_error": True, "subtype": "error_max_turns", "result": None}, "turns"),
        ({"is_error": True, "subtype": "error_max_budget_usd", "result": None}, "budget"),
        ({"is_error": True, "subtype": "error_during_execution", "errors": ["no"]}, "failed"),
    ],
)
def test_the_end_is_read_from_is_error_and_not_from_success(run, more: dict[str, Any], how: str):
    end = ended(run(INIT, RESULT | more, code=int(how != "done")))
    assert end.how == how
    assert (end.message is None) == (how == "done")
    assert (end.text == "Done.") == (how == "done")


def test_errors_are_the_message_of_a_failed_turn(run):
    lost = {"is_error": True, "subtype": "error_during_execution", "errors": ["a", "b"]}
    assert ended(run(RESULT | lost)).message == "a; b"


def test_what_the_program_says_itself_is_a_warning_and_not_the_model(run):
    synthetic = assistant({"type": "text", "text": "API Error: 500"}, model="<synthetic>")
    events = run(INIT, synthetic, RESULT)
    assert Warned(message="API Error: 500") in events
    assert not any(isinstance(event, Said) for event in events)
    assert Said(text="API Error: 500") in run(
        INIT, assistant({"type": "text", "text": "API Error: 500"}), RESULT
    )


def test_lines_of_an_unknown_form_are_named_and_those_that_are_no_json_are_warned_of(run):
    events = run(
        INIT,
        {"type": "new_kind", "session_id": SESSION},
        {"type": "system", "subtype": "new_sub", "session_id": SESSION},
        assistant({"type": "new_block"}),
        {"type": "assistant", "message": 3, "session_id": SESSION},
        "Segmentation \x1b[31mfault",
        '{"type": "assistant", "n": NaN}',
        "[1]",
        "",
        RESULT,
    )
    unread = [event.type for event in events if isinstance(event, Unread)]
    assert unread == ["new_kind", "system/new_sub", "assistant/new_block", "assistant"]
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert [text.partition(" (")[0] for text in warned] == ["a line that is no JSON object"] * 3
    assert warned[0].endswith(": Segmentation fault")
    assert ended(events).how == "done"


def test_half_a_surrogate_pair_in_a_tools_output_does_not_lose_the_line(run):
    line = json.dumps(result_of("t1", "cut here: X")).replace("X", r"\ud83d")
    assert Returned(call="t1", ok=True, output="cut here: ?") in run(INIT, line, RESULT)


def test_a_program_that_dies_without_a_word_has_failed_and_its_errors_are_told(run):
    end = ended(run(INIT, assistant(TEXT), errors="no memory left", code=137))
    assert end == Ended(how="failed", session=SESSION, message="exit code 137\nno memory left")


def test_dollars_of_a_session_are_told_turn_by_turn(run):
    first = ended(run(INIT, RESULT))
    second = ended(run(INIT, RESULT | {"total_cost_usd": 0.75}, session=SESSION))
    assert [first.reported_usd, second.reported_usd] == [0.25, 0.5]
    other = {"session_id": str(UUID(int=8))}
    assert ended(run(INIT | other, RESULT | other | {"total_cost_usd": 1.0})).reported_usd == 1.0
    anew = ended(run(INIT | other, RESULT | other | {"total_cost_usd": 0.125}))
    assert anew.reported_usd == 0.125, "a smaller total is one that was begun anew"


def test_a_session_is_resumed_only_where_the_program_has_it(run, tmp_path: Path):
    arguments = tmp_path / "claude.arguments"
    events = run(INIT, RESULT, session=SESSION)
    assert events[0] == Warned(message=f"session {SESSION}: not kept by the program; begun anew")
    assert "--resume" not in arguments.read_text().split("\n")
    kept = tmp_path / "home" / ".claude" / "projects" / "-a-folder"
    kept.mkdir(parents=True)
    (kept / f"{SESSION}.jsonl").write_text("{}\n")
    assert not isinstance(run(INIT, RESULT, session=SESSION)[0], Warned)
    assert f"--resume\n{SESSION}\n" in arguments.read_text()


@pytest.mark.parametrize("session", ["*", "--dangerously-skip-permissions", "../../x", SESSION * 2])
def test_a_session_that_is_no_id_never_reaches_the_command_line(run, tmp_path: Path, session: str):
    kept = tmp_path / "home" / ".claude" / "projects" / "-a-folder"
    kept.mkdir(parents=True)
    (kept / f"{SESSION}.jsonl").write_text("{}\n")
    assert isinstance(run(INIT, RESULT, session=session)[0], Warned)
    assert session not in (tmp_path / "claude.arguments").read_text().split("\n")


def test_the_prompt_is_the_input_and_the_key_no_argument(run, tmp_path: Path):
    run(INIT, RESULT)
    assert (tmp_path / "claude.prompt").read_text() == "Do it."
    arguments = (tmp_path / "claude.arguments").read_text()
    assert KEY not in arguments
    assert "You replicate papers." in arguments


def test_a_missing_program_says_how_to_install_it(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("HARNESS_CLAUDE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HarnessError, match="npm install -g @anthropic-ai/claude-code"):
        ClaudeCode().version()
    end = ended(events_of(ClaudeCode(), turn_at("http://127.0.0.1:9", tmp_path)))
    assert end.how == "failed"
    assert "HARNESS_CLAUDE" in (end.message or "")


def test_a_path_that_is_no_program_is_named(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("HARNESS_CLAUDE", str(tmp_path / "nothing"))
    with pytest.raises(HarnessError, match=r"HARNESS_CLAUDE: .*nothing is no program"):
        ClaudeCode().version()


def test_the_version_is_what_the_program_tells(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("HARNESS_CLAUDE", str(plays(tmp_path / "claude")))
    assert ClaudeCode().version() == "1.2.3"
