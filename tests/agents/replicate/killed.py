"""Runs a campaign and kills itself with SIGKILL at the N-th write that is made durable.

Use: `python -m tests.agents.replicate.killed N ARGUMENTS…`, as `harness` takes them. Every line of
a journal, of a ledger and of an agent's memory, and every file that is renamed into place, is
followed by such a write, so that N walks through every boundary of every step.
"""

import os
import signal
import sys


def main() -> None:
    """Count calls of `os.fsync` and die at the N-th, before it happens."""
    limit, arguments = int(sys.argv[1]), sys.argv[2:]
    count, fsync = 0, os.fsync

    def counted(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count == limit:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(descriptor)

    os.fsync = counted
    sys.argv = ["harness", *arguments]
    from harness.cli import main as run_command

    try:
        run_command()
    finally:
        sys.stderr.write(f"durable writes: {count}\n")


if __name__ == "__main__":
    main()
