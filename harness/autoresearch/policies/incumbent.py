"""Hill climbing: every trial starts from the incumbent.

`optuna` and `greedy` are both this; they differ in the proposer that they are meant for.
"""

from harness.autoresearch.ledger.history import History
from harness.autoresearch.policies.policy import Ask


class FromIncumbent:
    """One change after another of the best so far."""

    def ask(self, history: History) -> Ask:
        """The incumbent, improved."""
        return Ask(history.incumbent.candidate, "improve")
