"""Both command-line agents as their makers ship them as proposers, against a scripted model."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.autoresearch import proposers
from agents.drivers.claude_code import CLAUDE
from agents.drivers.codex import CODEX
from tests.agents.autoresearch.briefs import FASTER, brief, proposal, trial_folder, wanted
from tests.agents.autoresearch.models import PROPOSAL, playing
from tests.agents.drivers.conftest import find_clis
from tests.agents.wire_server import Call, Reply, WireServer

Shell = Callable[[str], Call]


def _bash(command: str) -> Call:
    return Call("Bash", {"command": command, "description": "a step"})


def _exec(command: str) -> Call:
    return Call("exec_command", {"cmd": command})


@pytest.fixture(autouse=True)
def clis(monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_clis()
    monkeypatch.setenv(CLAUDE.variable, str(found.claude))
    monkeypatch.setenv(CODEX.variable, str(found.codex))


@pytest.mark.parametrize(("name", "shell"), [("claude_code", _bash), ("codex", _exec)])
def test_a_command_line_agent_edits_a_knob(
    name: str, shell: Shell, model: WireServer, tmp_path: Path
):
    model.script = playing(
        (
            Reply("I edit.", (shell(f"echo '{FASTER.strip()}' > knobs.yaml"),)),
            Reply(calls=(shell(f"echo '{PROPOSAL}' > proposal.json"),)),
            Reply("Done."),
        )
    )
    asked = wanted(tmp_path, model="a-model", max_turns=9, turn_minutes=1)
    answer = proposal(getattr(proposers, name)(asked).propose(brief(), trial_folder(asked)))
    assert answer.candidate.knobs == FASTER
    assert answer.title == "Thrice the rate"
    assert answer.tokens == 54
    assert answer.trespass is None
