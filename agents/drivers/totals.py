"""What a program counts over a whole session, told turn by turn."""

from pathlib import Path

from agents.drivers.event import Used
from harness.record import Record


class Total(Record):
    """The counts of a session up to its last finished turn."""

    session: str | None
    used: Used | None = None
    usd: float | None = None


def used_since(file: Path, session: str | None, used: Used) -> Used:
    """Tokens since the last total, which this one takes the place of.

    All of them where the program has begun to count anew.
    """
    before = _replaced(file, Total(session=session, used=used)).used
    if before is None or before.input_tokens > used.input_tokens:
        return used
    return Used(
        input_tokens=used.input_tokens - before.input_tokens,
        cached_tokens=max(used.cached_tokens - before.cached_tokens, 0),
        output_tokens=max(used.output_tokens - before.output_tokens, 0),
    )


def usd_since(file: Path, session: str | None, usd: float) -> float:
    """Dollars since the last total, as `used_since`."""
    before = _replaced(file, Total(session=session, usd=usd)).usd
    return usd if before is None or before > usd else usd - before


def _replaced(file: Path, total: Total) -> Total:
    """The session's total so far; an empty one where it has none."""
    none = Total(session=total.session)
    before = Total.load(file) if file.exists() else none
    total.dump(file)
    return before if before.session == total.session else none
