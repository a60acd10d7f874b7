"""How trials stand to the incumbent of today, as far as pairs of seeds say."""

from collections.abc import Iterable

from harness.autoresearch.ledger.history import History, Trial


def gain(history: History, trial: Trial) -> float | None:
    """Mean paired difference of a candidate that was just not sure enough, in the metric's unit.

    `None` for one that was never tested, or failed at a guardrail or the gate; and where another
    incumbent has come since, for scores of different seeds are not held against each other.
    """
    decided = trial.decided
    if decided is None or decided.why != "not_better" or trial.reign != history.incumbent:
        return None
    return None if decided.dev is None else decided.dev.mean


def best(history: History, trials: Iterable[Trial]) -> str:
    """The incumbent, or the candidate with the largest gain over it, though that is no sure one."""
    gains = {history.incumbent.candidate: 0.0}
    for trial in trials:
        found = gain(history, trial)
        if found is not None:
            gains[trial.proposed.candidate] = found
    return max(gains, key=lambda candidate: gains[candidate])
