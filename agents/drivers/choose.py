"""The driver that a name stands for; its software is imported when it is first needed."""

from pathlib import Path
from typing import Literal, assert_never

from agents.drivers.driver import Driver, DriverName
from harness.record import HarnessError


def driver_for(name: DriverName, script: Path | None = None) -> Driver:
    """The driver by the name that `--driver` takes; `script` is what `scripted` follows.

    Raises `HarnessError` for a script that is missing, not wanted, or not readable.
    """
    if name != "scripted" and script is not None:
        raise HarnessError("--script: only for --driver scripted")
    match name:
        case "claude_code":
            from agents.drivers.claude_code import ClaudeCode

            return ClaudeCode()
        case "codex":
            from agents.drivers.codex import Codex

            return Codex()
        case "anthropic" | "openai" | "openai_compatible":
            return _loop(name)
        case "scripted":
            from agents.drivers.scripted import scripted

            if script is None:
                raise HarnessError("--script: needed for --driver scripted")
            return scripted(script)
        case _:
            assert_never(name)


def _loop(name: Literal["anthropic", "openai", "openai_compatible"]) -> Driver:
    from agents.drivers.loop import Loop

    match name:
        case "anthropic":
            from agents.drivers.anthropic_messages import AnthropicMessages

            return Loop(AnthropicMessages())
        case "openai":
            from agents.drivers.openai_responses import OpenAIResponses

            return Loop(OpenAIResponses())
        case "openai_compatible":
            from agents.drivers.chat_completions import ChatCompletions

            return Loop(ChatCompletions())
        case _:
            assert_never(name)
