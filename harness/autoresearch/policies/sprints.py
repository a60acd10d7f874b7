"""One idea a sprint: a few trials on it, as long as they lead anywhere."""

from itertools import takewhile

from harness.autoresearch.ledger.history import History, Trial
from harness.autoresearch.policies.gain import best, gain
from harness.autoresearch.policies.policy import Ask

TRIALS = 4
"""The most of one sprint."""
FAILURES = 2
"""In a row, after which a sprint ends."""


class Sprints:
    """A sprint is the trials at the end of the history that carry one idea."""

    def ask(self, history: History) -> Ask:
        """The sprint's idea again; or the incumbent and no idea: the proposer begins a sprint."""
        sprint = _sprint(history)
        if not sprint or _is_over(history, sprint):
            return Ask(history.incumbent.candidate, "improve")
        last = sprint[-1].proposed
        if sprint[-1].outcome == "invalid":
            return Ask(last.candidate, "debug", last.idea)
        return Ask(best(history, sprint), "improve", last.idea)


def _sprint(history: History) -> list[Trial]:
    """Oldest first; none where the last trial has no idea."""
    newest = reversed(history.trials)
    idea = history.trials[-1].proposed.idea if history.trials else None
    return [*takewhile(lambda trial: trial.proposed.idea == idea, newest)][::-1] if idea else []


def _is_over(history: History, sprint: list[Trial]) -> bool:
    ends = sprint[-FAILURES:]
    failed = len(ends) == FAILURES and not any(_leads_on(history, trial) for trial in ends)
    return len(sprint) >= TRIALS or failed


def _leads_on(history: History, trial: Trial) -> bool:
    return trial.outcome == "kept" or (gain(history, trial) or 0.0) > 0
