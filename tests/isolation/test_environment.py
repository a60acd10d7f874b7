"""Variables of a cell."""

import json
import os
import sys

import pytest

from harness.isolation import Rung
from tests.isolation.conftest import MakeCell

ALLOWED = {
    *("PATH", "LANG", "LC_ALL", "TZ", "TERM", "NO_COLOR", "HOME", "TMPDIR", "HF_HUB_OFFLINE"),
    *("GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT", "HARNESS_CELL"),
}


def variables(make_cell: MakeCell, rung: Rung, **settings: object) -> dict[str, str]:
    """As a program in the cell finds them, without a shell that adds its own."""
    printing = "import os, json; print(json.dumps(dict(os.environ)))"
    ran = make_cell(rung, **settings).finish(
        [sys.executable, "-I", "-c", printing], deadline_seconds=10, variables={"OF_JOB": "j"}
    )
    return json.loads(ran.output)


def test_nothing_but_what_is_allowed_comes_in(
    rung: Rung, make_cell: MakeCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "HF_TOKEN", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "sk-planted")
    monkeypatch.setenv("TZ", "Europe/Paris")
    found = variables(make_cell, rung, variables={"OF_CELL": "c"})
    assert found.pop("OF_CELL") == "c"
    assert found.pop("OF_JOB") == "j"
    assert found["TZ"] == "Europe/Paris"
    found.pop("LC_CTYPE", None)  # Python's own, where the locale is C
    found.pop("PWD", None)  # bubblewrap's own
    assert set(found) <= ALLOWED
    assert "sk-planted" not in "".join(found.values())


def test_programs_of_the_harness_come_first(rung: Rung, make_cell: MakeCell) -> None:
    found = variables(make_cell, rung)
    assert found["PATH"].split(os.pathsep)[0] == f"{sys.prefix}/bin"
    assert found["TMPDIR"].startswith(found["HOME"])
