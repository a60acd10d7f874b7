"""What a campaign has cost. What nobody has counted is unknown, never nothing."""

from collections.abc import Sequence
from datetime import datetime

from harness.autoresearch.ledger.event import Invalid, Line, Proposed, Ran
from harness.record import Record


class Cost(Record):
    """Of all lines of a ledger so far."""

    busy_seconds: float
    """Spent on the events themselves."""
    wall_seconds: float
    """From the first line to the last, pauses included."""
    trainings: int
    """That ended, with an artefact or without."""
    usd: float | None
    """Of the proposals whose price is known; `None` where that is none of them."""
    tokens: int | None
    """Likewise."""
    proposals: int
    priced: int
    """Proposals with a known price."""


def cost_of(lines: Sequence[Line]) -> Cost:
    """Add it up."""
    events = [line.event for line in lines]
    proposals = [each for each in events if isinstance(each, Proposed)]
    usd = [each.usd for each in proposals if each.usd is not None]
    tokens = [each.tokens for each in proposals if each.tokens is not None]
    return Cost(
        busy_seconds=sum(line.seconds for line in lines),
        wall_seconds=_wall(lines),
        trainings=sum(isinstance(each, Ran | Invalid) for each in events),
        usd=sum(usd) if usd else None,
        tokens=sum(tokens) if tokens else None,
        proposals=len(proposals),
        priced=len(usd),
    )


def _wall(lines: Sequence[Line]) -> float:
    if not lines:
        return 0.0
    first, last = (datetime.fromisoformat(lines[place].utc) for place in (0, -1))
    return (last - first).total_seconds()
