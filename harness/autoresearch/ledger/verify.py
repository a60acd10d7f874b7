"""Whether a ledger and its artefacts can be believed: what a campaign never writes is found.

That decisions follow from the scores is another question, which a replay answers.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.autoresearch.ledger.event import (
    Ablated,
    Begun,
    Checked,
    Decided,
    Event,
    Invalid,
    Line,
    Materialised,
    PlanMade,
    Proposed,
    Ran,
    Reduced,
    Refused,
    Run,
    Scored,
    Stopped,
)
from harness.autoresearch.ledger.ledger import read_ledger
from harness.autoresearch.store import Store
from harness.record import HarnessError


def verify(path: Path, store: Store) -> list[str]:
    """What is wrong with the ledger at `path`, each with its line; empty where nothing is.

    Behind a broken chain nothing is looked at.
    """
    try:
        lines = read_ledger(path)
    except HarnessError as error:
        return [str(error)]
    if not lines:
        return [f"{path}: no ledger, or an empty one"]
    reader = _Reader(store)
    return [f"{path}:{line.number + 1}: {told}" for line in lines for told in reader.problems(line)]


class _Reader:
    """Goes through the events as they happened."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._trials = 0
        self._open = False
        self._metric = ""
        self._trained: set[Run] = set()
        self._scored: dict[Run, dict[str, float]] = {}
        self._sealed = False
        self._sound: set[str] = set()

    def problems(self, line: Line) -> Iterator[str]:
        """Those of the next line."""
        event = line.event
        if isinstance(event, Begun) != (line.number == 0):
            yield "a campaign begins once, with the first line"
        if self._sealed:
            yield from _after_the_seal(event)
        yield from self._artefacts(event)
        match event:
            case Begun():
                self._metric = event.task.metric
            case Proposed():
                yield from self._proposal(event)
            case Refused() | Materialised() | Ablated() | Reduced() | Decided():
                yield from self._of_trial(event)
            case Ran() | Scored() | Invalid():
                yield from self._of_run(event)
            case Checked():
                self._sealed = self._sealed or event.what == "seal"
            case PlanMade() | Stopped():
                pass

    def _proposal(self, event: Proposed) -> Iterator[str]:
        if event.trial != self._trials + 1:
            yield f"trial {event.trial} is proposed where {self._trials + 1} follows"
        if self._open:
            yield f"trial {self._trials} has no end, and the next is proposed"
        self._trials = event.trial
        # A reported loophole ends a trial unless its proposer is refused for more.
        self._open = event.loophole is None

    def _of_trial(
        self, event: Refused | Materialised | Ablated | Reduced | Decided
    ) -> Iterator[str]:
        if event.trial != self._trials:
            yield f"{event.kind} of trial {event.trial}, but trial {self._trials} is the last"
        elif not self._open and not isinstance(event, Refused):
            yield f"{event.kind} of trial {event.trial}, which had ended"
        if isinstance(event, Refused | Decided):
            self._open = False

    def _of_run(self, event: Ran | Scored | Invalid) -> Iterator[str]:
        run = event.run
        if not 0 <= event.trial <= self._trials:
            yield f"{event.kind} in trial {event.trial}, but trial {self._trials} is the last"
        if isinstance(event, Ran):
            self._trained.add(run)
        if isinstance(event, Scored):
            yield from self._score(event)

    def _score(self, event: Scored) -> Iterator[str]:
        run = event.run
        if run not in self._trained:
            yield f"scored {_named(run)}, which had not been trained"
        if run.on is None and self._metric not in event.metrics:
            yield f"scored {_named(run)} without {self._metric}, the task's metric"
        if self._scored.setdefault(run, event.metrics) != event.metrics:
            yield f"scored {_named(run)} twice, with other numbers"

    def _artefacts(self, event: Event) -> Iterator[str]:
        for sha256 in _recipes(event):
            yield from self._sound_recipe(sha256)
        if isinstance(event, Ran) and event.weights not in self._sound:
            try:
                self._store.get(event.weights)
                self._sound.add(event.weights)
            except HarnessError as error:
                yield str(error)

    def _sound_recipe(self, sha256: str) -> Iterator[str]:
        if sha256 not in self._sound:
            try:
                self._store.candidate(sha256)
                self._sound.add(sha256)
            except HarnessError as error:
                yield str(error)


def _after_the_seal(event: Event) -> Iterator[str]:
    """Only checks come then, and the runs that they are made of; none scores the sealed tier."""
    is_run = isinstance(event, Ran | Scored | Invalid)
    if isinstance(event, Checked) and event.what == "seal":
        yield "sealed a second time"
    elif is_run and event.run.tier == "sealed" and event.run.on is None:
        yield f"{event.kind} {_named(event.run)} after the seal"
    elif not is_run and not isinstance(event, Checked):
        yield f"{event.kind} after the seal, which ends a campaign"


def _recipes(event: Event) -> Iterable[str]:
    match event:
        case Begun():
            return (event.baseline,)
        case Proposed():
            return (event.parent, event.candidate)
        case Ran() | Scored() | Invalid():
            return (event.run.candidate,)
        case Materialised() | Reduced() | Decided():
            return (event.candidate,)
        case Ablated():
            return (event.without,)
        case Checked():
            return (event.candidate, event.baseline)
        case Refused() | PlanMade() | Stopped():
            return ()


def _named(run: Run) -> str:
    on = "" if run.on is None else f" on {run.on}"
    return f"{run.candidate[:12]}, {run.tier} seed {run.seed}{on}"
