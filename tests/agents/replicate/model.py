"""A language model that plays a script: it answers each call with the script's next action."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.agents.replicate.scripts import Action, Script
from tests.agents.wire_server import Call, Reply

_STEPS = ("claims", "specs", "reading")
_CALLS = ("function_call", "custom_tool_call")
_YIELD_MILLISECONDS = 60_000
"""How long Codex waits for a command before it lets the model go on."""
_END = "END OF FILE"


class Tools(NamedTuple):
    """How the model calls an agent's tools."""

    bash: Callable[[str], Call]
    write: Callable[[str, str], Call]
    """Of a path in the working tree, and a file's content."""


def _bash(command: str) -> Call:
    return Call("bash", {"command": command})


def _write(path: str, content: str) -> Call:
    return Call("write_file", {"path": path, "content": content})


LOOP = Tools(_bash, _write)
"""Of the loops over the three APIs."""


def claude_code(top: Path) -> Tools:
    """Of Claude Code at work in a folder; it takes absolute paths."""

    def bash(command: str) -> Call:
        return Call("Bash", {"command": command, "description": "a step"})

    def write(path: str, content: str) -> Call:
        return Call("Write", {"file_path": str(top / path), "content": content})

    return Tools(bash, write)


def _shell(command: str) -> Call:
    return Call("exec_command", {"cmd": command, "yield_time_ms": _YIELD_MILLISECONDS})


def _write_by_shell(path: str, content: str) -> Call:
    text = content.removesuffix("\n")
    assert _END not in text.splitlines(), path
    folder = Path(path).parent
    return _shell(f"mkdir -p '{folder}' && cat > '{path}' <<'{_END}'\n{text}\n{_END}")


SHELL = Tools(_shell, _write_by_shell)
"""Of Codex, which has a shell and writes files by it."""


def plays(script: Script, tools: Tools = LOOP) -> Callable[[dict[str, Any], int], Reply]:
    """For all three APIs. One turn of the script a step.

    The n-th answer, from 1, has 100 n tokens in and 10 n out, so that none passes for another.
    """

    def reply(body: dict[str, Any], number: int) -> Reply:
        said = body.get("messages") or body["input"]
        turn = script[_STEPS.index(_step(said))]
        answer = _reply(turn[sum(map(_is_an_answer, said))], tools)
        return answer._replace(input_tokens=100 * (number + 1), output_tokens=10 * (number + 1))

    return reply


def _step(said: Iterable[dict[str, Any]]) -> str:
    """Which the prompt names; programs put texts of their own before it."""
    asked = json.dumps([each["content"] for each in said if each.get("role") == "user"])
    found = re.search(r"Step: (\w+)", asked)
    assert found, asked[:200]
    return found[1]


def _is_an_answer(item: dict[str, Any]) -> bool:
    """Each has one text or one call, which the Responses API keeps as an item without a role."""
    return item.get("role") == "assistant" or item.get("type") in _CALLS


def _reply(action: Action, tools: Tools) -> Reply:
    match action:
        case {"say": text}:
            return Reply(text=text)
        case {"bash": command}:
            return Reply(calls=(tools.bash(command),))
        case {"write": {"path": path, "content": content}}:
            return Reply(calls=(tools.write(path, content),))
        case _:
            raise AssertionError(action)
