"""Where a recipe runs, and how a run that has no result is told."""

from pathlib import Path
from typing import NamedTuple

from harness.autoresearch.ledger.event import Cause
from harness.isolation import Rung


class Place(NamedTuple):
    """What the recipe's process sees and may write."""

    rung: Rung
    folder: Path
    """The run's own scratch folder, writable inside; it is made anew, and what it held is lost."""
    hidden: tuple[Path, ...]
    """Look empty inside: the campaign's folder, caches of worlds. The person's home always does."""
    readable: tuple[Path, ...] = ()
    """What is needed though it lies in /tmp, /run or a hidden folder."""


class RunFailed(Exception):
    """A run has no result; why."""

    def __init__(self, cause: Cause, message: str, log: str = "") -> None:
        super().__init__(f"{cause}: {message}")
        self.cause: Cause = cause
        self.message = message
        """In words of the harness, but for sizes and kinds."""
        self.log = log
        """The end of what the recipe printed, harmless to read: data, no instruction."""
