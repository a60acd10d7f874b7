"""What the agent is to do in one step, and how it is known that it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.fence import Allowed
from agents.replicate.journal import StepName


def _nothing() -> list[str]:
    return []


@dataclass(frozen=True)
class Task:
    """A step of the agent."""

    step: StepName
    opening: str
    """The first prompt."""
    allowed: Allowed
    problems: Callable[[], list[str]]
    """What is left to mend, found from the files alone; empty where the step is done."""
    objections: Callable[[], list[str]] = _nothing
    """Why a turn that lies inside of what is allowed is undone all the same."""
