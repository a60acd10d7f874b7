"""Ways to a good result that is not an honest one, as agents report them by their tool."""

import json
from pathlib import Path

from agents.drivers.tools.toolbox import LOOPHOLES
from harness.lines import whole_lines
from harness.plain_text import plain


def loopholes(memory: Path) -> tuple[str, ...]:
    """What is kept of them in a driver's memory."""
    return tuple(plain(json.loads(line)["text"]) for line in whole_lines(memory / LOOPHOLES))
