"""What the agent is to do in one step, and how it is known that it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.replicate.journal import AgentStep


@dataclass(frozen=True)
class Task:
    """A step of the agent. What it may change there, `rules` say."""

    step: AgentStep
    opening: str
    """The first prompt."""
    problems: Callable[[], list[str]]
    """What is left to mend, found from the files alone; empty where the step is done."""
