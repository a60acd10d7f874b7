"""Which candidate is worked on next, and when to stop looking."""

from typing import NamedTuple, Protocol

from harness.autoresearch.ledger.event import Kind
from harness.autoresearch.ledger.history import History


class Ask(NamedTuple):
    """The next trial."""

    parent: str
    """Digest of the candidate to start from."""
    how: Kind
    idea: str | None = None
    """Of the sprint that goes on; `None`: the proposer begins one of its own."""


class Policy(Protocol):
    """A search policy; what it says follows from the history alone."""

    def ask(self, history: History) -> Ask:
        """The next trial. Ends, budget and plateau are the orchestrator's affair."""
        ...
