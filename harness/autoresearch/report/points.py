"""Where each trial of a campaign lies: its gain over the baseline."""

from typing import NamedTuple

from harness.autoresearch.ledger.event import Outcome, Test
from harness.autoresearch.ledger.history import History
from harness.autoresearch.report.gain import Gain, chained
from harness.autoresearch.report.gains import trial_gain


class Point(NamedTuple):
    """One trial on the figure."""

    trial: int
    outcome: Outcome
    dev: Gain | None
    """Over the baseline: the chain of keeps up to the incumbent, and this trial's own difference.
    For rejected trials without an interval."""
    gate: Gain | None
    """Of kept trials, chained likewise."""


def points(history: History) -> list[Point]:
    """Every trial that has ended, in order."""
    found: list[Point] = []
    dev: list[Test] = []
    gate: list[Test] = []
    for trial in history.trials:
        if trial.outcome == "kept" and trial.decided is not None:
            dev += [trial.decided.dev] if trial.decided.dev else []
            gate += [trial.decided.gate] if trial.decided.gate else []
            found.append(Point(trial.number, "kept", chained(dev), chained(gate)))
        elif trial.outcome is not None:
            own = trial_gain(history, trial) if trial.outcome == "rejected" else None
            base = sum(each.mean for each in dev)
            over = None if own is None else Gain(mean=base + own.mean, low=None, high=None)
            found.append(Point(trial.number, trial.outcome, over, None))
    return found
