"""What follows from the events of a ledger: the one reading of it that everything else shares."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from harness.autoresearch.ledger.event import (
    Ablated,
    Begun,
    Checked,
    Decided,
    Event,
    Invalid,
    Materialised,
    Outcome,
    PlanMade,
    Proposed,
    Ran,
    Reduced,
    Refused,
    Run,
    Scored,
    Stopped,
)

SEEDS_OF_REIGN = 1000
"""Each incumbent is compared on seeds of its own, so that the luck by which it won ends with it."""


class Reign(NamedTuple):
    """An incumbent: 0 is the baseline's."""

    number: int
    candidate: str
    trial: int
    """That it came from; 0 for the baseline."""

    def dev_seed(self, place: int) -> int:
        """The seed at a place, from 0, of the pairs that its challengers are tested on."""
        assert 0 <= place < SEEDS_OF_REIGN, place
        return self.number * SEEDS_OF_REIGN + place


@dataclass
class Trial:
    """One trial as far as it has come."""

    proposed: Proposed
    reign: Reign
    """The incumbent that it challenges."""
    materialised: bool = False
    ablated: list[Ablated] = field(default_factory=list[Ablated])
    reduced: str | None = None
    refused: Refused | None = None
    decided: Decided | None = None

    @property
    def number(self) -> int:
        """From 1."""
        return self.proposed.trial

    @property
    def outcome(self) -> Outcome | None:
        """`None` while it is under way."""
        if self.proposed.loophole is not None:
            return "loophole"
        if self.refused is not None:
            return "refused"
        return self.decided.outcome if self.decided else None


class History:
    """The state of a campaign."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events: list[Event] = []
        self.trials: list[Trial] = []
        self.reigns: list[Reign] = []
        self.weights: dict[Run, str] = {}
        """SHA-256 of the artefact of each run that ended."""
        self.scores: dict[Run, dict[str, float]] = {}
        self.invalid: dict[Run, Invalid] = {}
        self.plan: PlanMade | None = None
        self.stopped: Stopped | None = None
        self.checked: list[Checked] = []
        for event in events:
            self.add(event)

    @property
    def begun(self) -> Begun:
        """The first event."""
        first = self.events[0]
        assert isinstance(first, Begun), first.kind
        return first

    @property
    def incumbent(self) -> Reign:
        """The candidate to beat."""
        return self.reigns[-1]

    @property
    def open_trial(self) -> Trial | None:
        """The trial that has no end yet."""
        return self.trials[-1] if self.trials and self.trials[-1].outcome is None else None

    @property
    def sealed(self) -> Checked | None:
        """The sealed score, once there is one; the campaign is over then."""
        found = [each for each in self.checked if each.what == "seal"]
        return found[-1] if found else None

    @property
    def since_keep(self) -> int:
        """Trials since the last keep or the start."""
        return len(self.trials) - self.incumbent.trial

    def metric(self, run: Run) -> float | None:
        """The task's metric of a run; `None` where it has no score."""
        scored = self.scores.get(run)
        return None if scored is None else scored[self.begun.task.metric]

    def dev_scores(self, candidate: str) -> list[float]:
        """Its metric over all dev seeds that it was run with."""
        found = [
            run
            for run in self.scores
            if run.candidate == candidate and run.tier == "dev" and run.on is None
        ]
        return [self.scores[run][self.begun.task.metric] for run in found]

    def add(self, event: Event) -> None:
        """Take note of the next event."""
        self.events.append(event)
        match event:
            case Begun():
                self.reigns.append(Reign(0, event.baseline, 0))
            case Proposed():
                self.trials.append(Trial(event, self.incumbent))
                self.stopped = None
            case Refused() | Materialised() | Ablated() | Reduced() | Decided():
                self._of_trial(event)
            case Ran():
                self.weights[event.run] = event.weights
            case Scored():
                self.scores[event.run] = event.metrics
            case Invalid():
                self.invalid[event.run] = event
            case PlanMade():
                self.plan = event
            case Stopped():
                self.stopped = event
            case Checked():
                self.checked.append(event)
            case _:
                assert_never(event)

    def _of_trial(self, event: Refused | Materialised | Ablated | Reduced | Decided) -> None:
        trial = self.trials[event.trial - 1]
        assert trial.number == event.trial, (trial.number, event.trial)
        match event:
            case Refused():
                trial.refused = event
            case Materialised():
                trial.materialised = True
            case Ablated():
                trial.ablated.append(event)
            case Reduced():
                trial.reduced = event.candidate
            case Decided():
                trial.decided = event
                if event.outcome == "kept":
                    self.reigns.append(Reign(len(self.reigns), event.candidate, event.trial))
            case _:
                assert_never(event)
