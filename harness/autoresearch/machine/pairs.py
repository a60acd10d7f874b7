"""A candidate and an incumbent run on the same seeds."""

from dataclasses import dataclass, field

from harness.autoresearch.ledger.event import Invalid, Run
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.machine.measuring import Metrics, measure
from harness.autoresearch.task import Task, Tier
from harness.record import HarnessError

_MOST_SKIPPED = 3
"""Seeds in a row on which an incumbent may break its contract before the campaign stops."""


class CandidateInvalid(Exception):
    """A run of the candidate has no score, and so the pairs end."""

    def __init__(self, found: Invalid) -> None:
        super().__init__(found.message)
        self.found = found


@dataclass
class Pairs:
    """Scores of both, seed after seed.

    Seeds on which the incumbent has no score are passed over. Runs are asked for one at a time, so
    that whoever tests can stop.
    """

    desk: Desk
    trial: int
    candidate: str
    incumbent: str
    tier: Tier
    first_seed: int
    task: Task | None = None
    """Where it is not the campaign's own."""
    seeds: list[int] = field(default_factory=list[int])
    ours: list[Metrics] = field(default_factory=list[Metrics])
    theirs: list[Metrics] = field(default_factory=list[Metrics])
    _next: int = 0

    def extend(self, pairs: int) -> None:
        """Run until there are so many. Raises `CandidateInvalid`."""
        skipped = 0
        while len(self.seeds) < pairs:
            seed = self.first_seed + self._next
            self._next += 1
            theirs = self._measured(self.incumbent, seed)
            if isinstance(theirs, Invalid):
                skipped += 1
                if skipped > _MOST_SKIPPED:
                    raise HarnessError(
                        f"the recipe to beat breaks its contract: {theirs.cause}: {theirs.message}"
                    )
                continue
            ours = self._measured(self.candidate, seed)
            if isinstance(ours, Invalid):
                raise CandidateInvalid(ours)
            skipped = 0
            self.seeds.append(seed)
            self.ours.append(ours)
            self.theirs.append(theirs)

    def scores(self, of: list[Metrics]) -> list[float]:
        """The task's metric."""
        metric = (self.task or self.desk.task).metric
        return [each[metric] for each in of]

    @property
    def differences(self) -> list[float]:
        """Candidate minus incumbent, in the metric's unit."""
        pairs = zip(self.scores(self.ours), self.scores(self.theirs), strict=True)
        return [ours - theirs for ours, theirs in pairs]

    def _measured(self, candidate: str, seed: int) -> Metrics | Invalid:
        on = None if self.task is None else name_of(self.task)
        run = Run(candidate=candidate, tier=self.tier, seed=seed, on=on)
        return measure(self.desk, run, self.trial, self.task)


def name_of(task: Task) -> str:
    """Of a task that is not the campaign's own: changed under the same id it is another."""
    return f"{task.id}@{task.digest[:12]}"
