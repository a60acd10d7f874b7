"""Tree search: a few drafts from the start, a broken one mended, then the best node improved."""

from harness.autoresearch.ledger.history import History, Trial
from harness.autoresearch.policies.gain import best
from harness.autoresearch.policies.policy import Ask

DRAFTS = 3
MENDS = 2
"""How often what does not run is given to be mended, right after it was found."""


class Tree:
    """Nodes are candidates that have a score; what was refused or only reported is none."""

    def ask(self, history: History) -> Ask:
        """Of what is there to do, the first: mend, draft, improve."""
        broken = _to_mend(history)
        if broken is not None:
            return Ask(broken, "debug")
        if sum(trial.proposed.how == "draft" for trial in history.trials) < DRAFTS:
            return Ask(history.begun.baseline, "draft")
        return Ask(best(history, history.trials), "improve")


def _to_mend(history: History) -> str | None:
    """The newest of a candidate that did not run and its mends that did not either."""
    line: list[Trial] = []
    for trial in reversed(history.trials):
        line.insert(0, trial)
        if trial.proposed.how != "debug":
            break
    broken = [trial for trial in line if trial.outcome == "invalid"]
    is_mended = any(trial.outcome in ("kept", "rejected") for trial in line)
    if not broken or is_mended or len(line) > MENDS:
        return None
    return broken[-1].proposed.candidate
