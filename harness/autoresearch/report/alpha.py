"""What the tests of a campaign have used of its family-wise level."""

from harness.autoresearch.keep.alpha import next_level, spent
from harness.autoresearch.ledger.history import History
from harness.record import Record


class Alpha(Record):
    """The account of a campaign's level."""

    whole: float
    spent: float
    """Used up for good, by tested trials that were not kept."""
    left: float
    """For what is still to come."""
    next_level: float
    """Of the trial that is under way or comes next."""
    tested: int
    """Trials that cost level: the kept, the rejected and the invalid."""


def alpha_of(history: History) -> Alpha:
    """Read it off the decisions."""
    rule, trials = history.begun.task.keep, history.begun.task.budget.trials
    kept = [each.decided.outcome == "kept" for each in history.trials if each.decided]
    used = spent(rule, trials, kept)
    return Alpha(
        whole=rule.alpha,
        spent=used,
        left=rule.alpha - used,
        next_level=next_level(rule, trials, kept),
        tested=len(kept),
    )
