"""The gains of a campaign: of each trial, and of all that was kept, tier by tier."""

from statistics import fmean

from harness.autoresearch.ledger.history import SEEDS_OF_REIGN, History, Trial
from harness.autoresearch.report.gain import Gain, chained, of_test


def challenge(history: History, trial: Trial) -> list[float]:
    """Candidate minus incumbent on each dev seed that both have a score with, by seed."""
    candidate, incumbent = (
        {
            run.seed: scores[history.begun.task.metric]
            for run, scores in history.scores.items()
            if run.candidate == digest and run.tier == "dev" and run.on is None
        }
        for digest in (trial.proposed.candidate, trial.reign.candidate)
    )
    reign = trial.reign
    own = range(reign.dev_seed(0), reign.dev_seed(0) + SEEDS_OF_REIGN)
    return [
        candidate[seed] - incumbent[seed]
        for seed in sorted(candidate.keys() & incumbent.keys())
        if seed in own
    ]


def keeps(history: History) -> list[Trial]:
    """The trials that gave a new incumbent, in their order."""
    return [each for each in history.trials if each.outcome == "kept"]


def dev_gain(history: History) -> Gain | None:
    """Of the kept changes together, as the search has measured it; `None` without any."""
    found = [each.decided.dev for each in keeps(history) if each.decided]
    return chained([each for each in found if each is not None])


def gate_gain(history: History) -> Gain | None:
    """The same on the gate's world, with fresh seeds."""
    found = [each.decided.gate for each in keeps(history) if each.decided]
    return chained([each for each in found if each is not None])


def shrunken_gain(history: History) -> float | None:
    """What the kept changes are expected to be worth together; `None` where one has no estimate."""
    found = [each.decided.shrunken for each in keeps(history) if each.decided]
    known = [each for each in found if each is not None]
    return sum(known) if known and len(known) == len(found) else None


def trial_gain(history: History, trial: Trial) -> Gain | None:
    """Of a trial's candidate over the incumbent of its time, on dev; `None` where unmeasured.

    A refused duplicate has no gain, though its candidate may have scores of another trial.
    """
    if trial.outcome in ("refused", "loophole"):
        return None
    if trial.decided is not None and trial.decided.dev is not None:
        return of_test(trial.decided.dev)
    differences = challenge(history, trial)
    return Gain(mean=fmean(differences), low=None, high=None) if differences else None
