"""What a publication says of itself: its steps, and what stands now."""

from typing import Literal

from harness.record import Record

StepName = Literal["base", "review", "commit", "push", "pull request"]
"""In the order that they are done."""
Outcome = Literal["opened", "updated", "files", "nothing", "dry run"]


class Step(Record):
    """One step, and what it did; of a dry run, what it does."""

    name: StepName
    said: str


class Published(Record):
    """What stands now; of a dry run, what the command does."""

    folder: str
    """`replications/<paper>/<id>`, or `papers/<paper>`."""
    base: str
    branch: str
    commit: str | None
    """`None` where the base holds exactly this already."""
    outcome: Outcome
    url: str | None = None
    """Of the pull request."""
    files: tuple[str, ...] = ()
    """What to send, from the project's folder; the pull request's text first."""
    left_out: tuple[str, ...] = ()
    """Files of the folder that git ignores."""
    steps: tuple[Step, ...]
