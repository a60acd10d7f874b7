"""Git, asked so that nothing runs which an agent could have planted: no hook, filter or monitor."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.record import HarnessError

_OPTIONS = (
    *("--no-replace-objects", "--literal-pathspecs"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false"),
    *("-c", f"core.attributesFile={os.devnull}", "-c", "gc.auto=0"),
)
_PLACES = frozenset(
    f"GIT_{name}"
    for name in ("DIR", "WORK_TREE", "COMMON_DIR", "INDEX_FILE", "OBJECT_DIRECTORY", "NAMESPACE")
)
"""Variables that lead git elsewhere; it sets them itself where a hook runs the harness."""
_SECONDS = 300


def ask(
    *arguments: str,
    inside: Path,
    given: bytes = b"",
    variables: Mapping[str, str] | None = None,
) -> bytes:
    """Output of a git command; `inside` is a project's folder, or the git folder of one of its
    working trees.

    Raises `HarnessError` with git's own words.
    """
    own = {name: value for name, value in os.environ.items() if name not in _PLACES}
    is_bare_folder = (inside / "HEAD").is_file()
    place = (f"--git-dir={inside}",) if is_bare_folder else ("-C", os.fspath(inside))
    ran = subprocess.run(
        ["git", *_OPTIONS, *place, *arguments],
        input=given,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        env=own | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"} | dict(variables or {}),
    )
    if ran.returncode != 0:
        told = " ".join(ran.stderr.decode(errors="replace").split())
        raise HarnessError(f"git {arguments[0]} in {inside}: {told}")
    return ran.stdout


def line(
    *arguments: str, inside: Path, given: bytes = b"", variables: Mapping[str, str] | None = None
) -> str:
    """What such a command prints, as text."""
    printed = ask(*arguments, inside=inside, given=given, variables=variables)
    return printed.decode(errors="replace").strip()
