"""What every step of a campaign works with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.ledger.event import Invalid, Ran, Run, Scored
from harness.autoresearch.ledger.history import History
from harness.autoresearch.machine.tape import Tape
from harness.autoresearch.scorer.bench import Bench
from harness.autoresearch.task import Task
from harness.experiments.context import Progress


class Moment(NamedTuple):
    """What is happening, for whoever watches."""

    history: History
    doing: str
    """In one line."""
    seconds: float
    """Since this run of the command began."""


Tell = Callable[[Moment], None]


def untold(_moment: Moment) -> None:
    """Nobody watches."""


class Work(Protocol):
    """One run's work. Raises `HarnessError` for what is not the candidate's fault."""

    @property
    def name(self) -> str:
        """For whoever watches."""
        ...

    def trained(self) -> Ran | Invalid:
        """Train; the artefact lies in the store then."""
        ...

    def scored(self) -> Scored | Invalid:
        """Measure the artefact that is recorded."""
        ...


MakeWork = Callable[["Desk", Run, int, Task], Work]
"""Given the desk, the run, the number of its trial (0: the baseline's), and the task."""


@dataclass(frozen=True)
class Desk:
    """One campaign at work."""

    campaign: Campaign
    tape: Tape
    bench: Callable[[Task], Bench]
    """The measuring side of a task, opened when it is first needed."""
    work: MakeWork
    tell: Tell
    progress: Progress
    began: float

    @property
    def history(self) -> History:
        """What has happened so far."""
        return self.tape.history

    @property
    def task(self) -> Task:
        """The campaign's own."""
        return self.history.begun.task

    @property
    def scratch(self) -> Path:
        """Where the folders of runs lie while they run."""
        return self.campaign.folder / "scratch"

    def say(self, doing: str) -> None:
        """Tell whoever watches, once what is recorded has been caught up with."""
        if self.tape.ahead is None:
            self.tell(Moment(self.history, doing, time.monotonic() - self.began))
