"""The proposers that this package brings, by the entry point `harness.proposers`."""

from typing import TYPE_CHECKING

from harness.autoresearch.proposers.fill import Wanted
from harness.record import HarnessError

if TYPE_CHECKING:
    from agents.drivers.driver import DriverName
    from harness.autoresearch.proposers.proposer import Proposer


def claude_code(wanted: Wanted) -> "Proposer":
    """Claude Code. Raises `HarnessError` where program, key, price or budget is missing."""
    return _agent("claude_code", wanted)


def codex(wanted: Wanted) -> "Proposer":
    """Codex. Raises as `claude_code` does."""
    return _agent("codex", wanted)


def anthropic(wanted: Wanted) -> "Proposer":
    """A loop over the Messages API. Raises as `claude_code` does."""
    return _agent("anthropic", wanted)


def openai(wanted: Wanted) -> "Proposer":
    """A loop over the Responses API. Raises as `claude_code` does."""
    return _agent("openai", wanted)


def openai_compatible(wanted: Wanted) -> "Proposer":
    """A loop over Chat Completions. Raises as `claude_code` does."""
    return _agent("openai_compatible", wanted)


def agent_script(wanted: Wanted) -> "Proposer":
    """An agent that follows a script. Raises `HarnessError` for one that cannot be followed."""
    from agents.autoresearch.agent_script import AgentScript, CampaignScript

    if wanted.script is None:
        raise HarnessError("--script: the proposer agent_script needs a file to follow")
    return AgentScript(CampaignScript.load(wanted.script), wanted)


def _agent(name: "DriverName", wanted: Wanted) -> "Proposer":
    from agents.autoresearch.agent import Agent
    from agents.autoresearch.engaged import engage
    from agents.drivers.choose import driver_for

    if wanted.script is not None:
        raise HarnessError(f"--script: the proposer {name} follows none")
    return Agent(engage(name, driver_for(name), wanted))
