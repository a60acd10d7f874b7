"""Run the real command line on a project, and look at what is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.agents.replicate.project import KEY, Project
from tests.agents.replicate.scripts import Script, save


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The document of `--json`."""
        return json.loads(self.out)


def run(
    project: Project,
    options: Sequence[str],
    *,
    what: str | None = None,
    environment: dict[str, str] | None = None,
) -> Ended:
    """The command to its end."""
    done = subprocess.run(
        [*project.command(*options, what=what), "--json"],
        cwd=project.top,
        env=project.environment(**(environment or {})),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def run_killed(
    project: Project, when: str, options: Sequence[str], environment: dict[str, str] | None = None
) -> Ended:
    """The command, which kills itself: see `killed`."""
    checkout = Path(__file__).parents[3]
    _, *arguments = project.command(*options)
    done = subprocess.run(
        [sys.executable, "-m", "tests.agents.replicate.killed", when, *arguments, "--json"],
        cwd=project.top,
        env=project.environment(PYTHONPATH=str(checkout), **(environment or {})),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def scripted(
    project: Project, script: Script, *options: str, environment: dict[str, str] | None = None
) -> Ended:
    """With the scripted driver."""
    file = save(script, project.root / "script.yaml")
    given = ["--driver", "scripted", "--script", str(file), *options]
    return run(project, given, environment=environment)


def events(project: Project) -> list[dict[str, Any]]:
    """Entries of the journal."""
    lines = (project.campaign / "journal.jsonl").read_text().splitlines()
    return [json.loads(line)["entry"] for line in lines]


def undone(project: Project) -> list[str]:
    """Why turns were undone."""
    return [each for entry in events(project) for each in entry.get("undone", ())]


def verdicts(project: Project) -> dict[str, str]:
    """By claim, as the harness wrote them."""
    file = project.worktree / "replications/heads-that-continue/planted/verdicts.json"
    return {each["claim"]: each["outcome"] for each in json.loads(file.read_text())["verdicts"]}


def survivors(project: Project) -> list[str]:
    """Command lines of processes that have to do with the project."""
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            whole = file.read_bytes() + (file.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if str(project.root).encode() in whole and int(file.parent.name) != os.getpid():
            found.append(whole[-200:].decode(errors="replace"))
    return found


def wait_for_end(project: Project, seconds: float = 10.0) -> list[str]:
    """Survivors after as long as it takes those that are ending to end."""
    end = time.monotonic() + seconds
    while (left := survivors(project)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def files_with_the_key(project: Project) -> list[Path]:
    """Files below the project's root that hold the real key."""
    files = (path for path in project.root.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if KEY.encode() in path.read_bytes()]


def was_killed(ended: Ended) -> bool:
    """Whether SIGKILL ended it."""
    return ended.code == -signal.SIGKILL
