"""What the agent itself says at the end: shown as its own words, and nothing follows from them."""

import json
from pathlib import Path

from agents.drivers.event import Ended
from agents.drivers.recording import recorded
from agents.drivers.tools.toolbox import LOOPHOLES
from harness.lines import whole_lines
from harness.plain_text import plain
from harness.untrusted import tail

_LONGEST = 2_000


def last_words(turns: Path) -> str | None:
    """Of the last turn that ended with any; `None` where none did."""
    for part in sorted(turns.glob("*/part-*"), reverse=True):
        for each in recorded(part):
            if isinstance(each.event, Ended) and each.event.text:
                return tail(each.event.text, _LONGEST)
    return None


def loopholes(memory: Path) -> tuple[str, ...]:
    """Ways to a good verdict that is not an honest one, as the agent reported them."""
    return tuple(plain(json.loads(line)["text"]) for line in whole_lines(memory / LOOPHOLES))
