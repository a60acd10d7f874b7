"""Processes that outlived their cell: found by a mark in their variables, or by their namespace."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "HARNESS_CELL"
"""Variable that tells the processes of one cell from all others."""
_SECONDS = 10.0
_PAUSE_SECONDS = 0.01


def end_survivors(mark: str, namespace: str) -> None:
    """Kill until none is left; `namespace` as the link in /proc names it, empty where there is
    none of its own. Raises `RuntimeError` where one outlives that, which no process should."""
    started = time.monotonic()
    while left := list(survivors(mark, namespace)):
        if time.monotonic() - started > _SECONDS:
            raise RuntimeError(f"processes {left} outlived their cell, and SIGKILL too")
        for pid in left:
            _kill(pid)
        time.sleep(_PAUSE_SECONDS)


def survivors(mark: str, namespace: str) -> Iterator[int]:
    """Processes of one cell, by number, `namespace` as in `end_survivors`."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            is_inside = namespace and str((folder / "ns" / "pid").readlink()) == namespace
            if is_inside or wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
        except OSError:  # it ended meanwhile, or is of another user
            continue


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
