"""What the agent itself says at the end: shown as its own words, and nothing follows from them."""

from pathlib import Path

from agents.drivers.event import Ended
from agents.drivers.recording import recorded
from harness.untrusted import tail

_LONGEST = 2_000


def last_words(turns: Path) -> str | None:
    """Of the last turn that ended with any; `None` where none did."""
    for part in sorted(turns.glob("*/part-*"), reverse=True):
        for each in recorded(part):
            if isinstance(each.event, Ended) and each.event.text:
                return tail(each.event.text, _LONGEST)
    return None
