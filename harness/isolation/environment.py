"""The variables of a cell: an allow-list, so that no key of a person is among them."""

import os
import sys
from pathlib import Path

_SET = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "HF_HUB_OFFLINE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_TAKEN = ("LANG", "LC_ALL", "TZ")
"""From the harness's own environment, where they are set there."""
_USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"


def environment(home: Path) -> dict[str, str]:
    """What commands find; programs of the harness's own environment come first on PATH."""
    taken = {name: os.environ[name] for name in _TAKEN if name in os.environ}
    path = os.environ.get("PATH", _USUAL_PATH)
    return {
        "LANG": "C.UTF-8",
        **taken,
        **_SET,
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{path}",
        "HOME": os.fspath(home),
        "TMPDIR": os.fspath(home / "tmp"),
    }
