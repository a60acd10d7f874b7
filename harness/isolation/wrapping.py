"""The command line that runs a command on a rung: the programs that stand between."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from harness.isolation.rungs import Rung
from harness.isolation.view import Place
from harness.record import HarnessError

_HERE = Path(__file__).parent
_DEVICES = ("nvidia*", "dri", "kfd")
"""Accelerators; all else of /dev that a program needs is made anew."""


def wrapped(
    rung: Rung,
    inner: Sequence[str],
    places: Sequence[Place],
    *,
    network: bool,
    private_bytes: int | None = None,
) -> list[str]:
    """`inner` on a rung. Raises `HarnessError` where the rung's program is not installed."""
    match rung:
        case "bubblewrap":
            laid = _bubblewrap(places, network=network, private_bytes=private_bytes)
            return [_program("bwrap"), *laid, "--", *inner]
        case "namespace":
            viewed = _viewed(places, private_bytes)
            return [_program("unshare"), *_unshare(network=network), "--", *viewed, *inner]
        case "process":
            return [*inner]
    assert_never(rung)


def python(script: str) -> list[str]:
    """A script of this folder, run without this project or its packages on the path."""
    return [sys.executable, "-I", "-S", os.fspath(_HERE / script)]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise HarnessError(f"isolation: {name} is not on PATH")
    return found


def _unshare(*, network: bool) -> Iterator[str]:
    yield from ("--mount", "--pid", "--fork", "--kill-child", "--ipc")
    if os.geteuid() != 0:
        yield from ("--user", "--map-root-user")
    if not network:
        yield "--net"


def _viewed(places: Sequence[Place], private_bytes: int | None) -> list[str]:
    laid = [(each.kind, os.fspath(each.path)) for each in places]
    return [*python("read_only_view.py"), json.dumps([laid, _accelerators(), private_bytes])]


def _bubblewrap(
    places: Sequence[Place], *, network: bool, private_bytes: int | None
) -> Iterator[str]:
    size = [] if private_bytes is None else ["--size", str(private_bytes)]
    yield from ("--die-with-parent", "--unshare-pid", "--unshare-ipc", "--as-pid-1")
    if not network:
        yield "--unshare-net"
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    for device in _accelerators():
        yield from ("--dev-bind", device, device)
    yield from (*size, "--perms", "1777", "--tmpfs", "/dev/shm")
    for kind, path in places:
        name = os.fspath(path)
        match kind:
            case "writable":
                yield from ("--bind", name, name)
            case "readable":
                yield from ("--ro-bind", name, name)
            case "hidden" if not path.is_dir():
                yield from ("--dev-bind", os.devnull, name)
            case "private":
                yield from (*size, "--tmpfs", name)
            case _:
                yield from ("--tmpfs", name)
    yield from ("--remount-ro", "/proc")  # root's own files in it need no capability
    for kind, path in places:
        if kind == "hidden" and path.is_dir():
            yield from ("--remount-ro", os.fspath(path))


def _accelerators() -> list[str]:
    found = [path for pattern in _DEVICES for path in Path("/dev").glob(pattern)]
    return [os.fspath(path) for path in sorted(found)]
