"""Runs a command of `harness` and kills itself with SIGKILL at a chosen instant.

Use: `python -m tests.agents.replicate.killed WHEN ARGUMENTS…`. WHEN is `before:N` or `after:N`,
for line N of the campaign's journal, which walks through every boundary of every step; or
`write:N`, for the N-th time that anything is made durable: a line of a journal, of the ledger, of
the agent's memory, or a file that is renamed into place.
"""

import os
import signal
import sys
from pathlib import Path


def die_at_line(number: int, *, before: bool) -> None:
    """Of the journal, counted from 1 over all runs of the campaign."""
    from agents.replicate import journal

    append = journal.append_line

    def counted(path: Path, line: str) -> None:
        is_it = len(journal.whole_lines(path)) + 1 == number
        if is_it and before:
            os.kill(os.getpid(), signal.SIGKILL)
        append(path, line)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)

    journal.append_line = counted  # pyright: ignore[reportPrivateImportUsage]


def die_at_write(number: int) -> None:
    """Before the N-th call of `os.fsync` in this process, whichever thread it is in."""
    left, fsync = number, os.fsync

    def counted(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(descriptor)

    os.fsync = counted


def main() -> None:
    """Arm, then run the command."""
    kind, _, number = sys.argv[1].partition(":")
    if kind == "write":
        die_at_write(int(number))
    else:
        die_at_line(int(number), before=kind == "before")
    sys.argv = ["harness", *sys.argv[2:]]
    from harness.cli import main as run_command

    run_command()


if __name__ == "__main__":
    main()
