"""Which tools a request may offer: those that the agent runs itself, whose results it sends."""

import re
from typing import cast

from agents.metering.usage import mapping

_OF_THE_AGENT = re.compile(
    r"custom|function|local_shell|apply_patch|(bash|text_editor|memory)_\d{8}", re.ASCII
)
"""The last three are Anthropic's, by the day of their version."""


def run_elsewhere(tools: object) -> str | None:
    """Why a list of tools cannot be offered; `None` where the agent runs all of them.

    What is not known to be the agent's may be the provider's, which charges for it apart.
    """
    if tools is None:
        return None
    if not isinstance(tools, list):
        return "tools: what is no list cannot be counted"
    for tool in cast("list[object]", tools):
        why = _refusal(tool)
        if why is not None:
            return why
    return None


def _refusal(tool: object) -> str | None:
    """A tool without a type is a function: Anthropic's usual form."""
    fields = mapping(tool)
    kind = fields.get("type")
    if kind == "namespace":
        return run_elsewhere(fields.get("tools"))
    if kind == "tool_search" and fields.get("execution") == "client":
        return None
    if kind is None or (isinstance(kind, str) and _OF_THE_AGENT.fullmatch(kind)):
        return None
    return f"tools: {str(kind)[:40]}: not known to run at the agent's; others are charged apart"
