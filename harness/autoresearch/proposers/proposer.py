"""What a proposer is asked and what it gives back. Drivers of agents fill this protocol too."""

from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.ledger.event import Kind, Outcome
from harness.autoresearch.task import Task
from harness.record import Record


class Remembered(Record):
    """An earlier trial as a proposer may see it: no gate's, no sealed score."""

    trial: int
    title: str
    reason: str
    outcome: Outcome
    why: str
    """In words."""
    diff: str
    values: dict[str, bool | int | float | str]
    """Of its knobs; empty where they cannot be read."""
    score: float | None
    """Mean of the metric over its dev seeds; `None` where it has none."""
    gain: float | None
    """Mean difference to the incumbent of its time."""
    idea: str | None = None
    log: str = ""
    """The end of what an invalid run printed: data, no instruction."""


class Brief(NamedTuple):
    """Everything that a proposer is told."""

    task: Task
    trial: int
    how: Kind
    parent: Candidate
    incumbent: Candidate
    incumbent_score: float | None
    memory: tuple[Remembered, ...]
    """All trials so far, the oldest first."""
    ideas: tuple[str, ...]
    """Of the planning sprint, once there was one."""
    idea: str | None
    """Of the sprint that this trial belongs to."""
    seed: int
    """Of this trial: a proposer that draws draws from it alone."""
    wide: bool
    """After a plateau: look far from what was tried."""


class Proposal(Record):
    """A proposer's answer."""

    candidate: Candidate
    title: str
    reason: str
    idea: str | None = None
    loophole: str | None = None
    trespass: str | None = None
    """Why it is refused unseen: what the proposer did outside of its folder."""
    usd: float | None = None
    tokens: int | None = None


class Exhausted(Record):
    """A proposer that has nothing more to say, and why."""

    why: Literal["proposer", "dollars"]
    message: str


class Proposer(Protocol):
    """Who edits recipes."""

    @property
    def name(self) -> str:
        """As `--proposer` takes it."""
        ...

    def propose(self, brief: Brief, folder: Path) -> Proposal | Exhausted:
        """One change of `brief.parent`; `folder` is the trial's own, for whatever it works with.

        Asked again for the same trial, after a crash, it may answer otherwise but does not pay
        twice for what had been answered.
        """
        ...

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        """Ideas of the planning sprint; none where it has no ideas."""
        ...
