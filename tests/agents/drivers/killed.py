"""Turns that are killed with SIGKILL at an item of their conversation: run as a program.

Reads one JSON object on standard input. The killing stands in place of the machine's: just before,
or just after, a line is on disk.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

from agents.drivers import conversation
from agents.drivers.choose import driver_for
from agents.drivers.driver import Driver
from harness.lines import append_line
from tests.agents.drivers.turns import events_of, turn_at


class Kill(NamedTuple):
    """When a turn is killed, and the folder that is its own."""

    folder: str
    item: int
    """From 0."""
    is_before: bool
    """Whether the item is lost, half of its line on disk."""


def run_killed(driver: Driver, url: str, kill: Kill) -> None:
    """Run a turn in this process, which ends with it."""
    left = kill.item

    def append(path: Path, line: str) -> None:
        nonlocal left
        left -= 1
        if left < 0 and kill.is_before:
            path.parent.mkdir(exist_ok=True)
            with path.open("ab") as file:
                file.write(line[: len(line) // 2].encode())
            os.kill(os.getpid(), signal.SIGKILL)
        append_line(path, line)
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    conversation.append_line = append  # pyright: ignore[reportPrivateImportUsage]
    root = Path(kill.folder)
    root.mkdir()
    events_of(driver, turn_at(url, root, model=root.name))


def main(asked: dict[str, Any]) -> None:
    """Each kill in a process of its own, one after the other; prints how each process ended."""
    script = Path(asked["script"]) if asked["script"] else None
    driver = driver_for(asked["driver"], script)
    driver.version()
    for kill in asked["kills"]:
        child = os.fork()
        if not child:
            run_killed(driver, asked["url"], Kill(*kill))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(json.load(sys.stdin))
