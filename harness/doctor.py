"""Whether this machine is ready for a replication. Credentials are named, never shown."""

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from harness.cache_dir import cache_dir
from harness.manifest import PACKAGES
from harness.models.registry import DEFAULT_MODEL, availability
from harness.record import Record

CREDENTIALS = ("HF_TOKEN", "GITHUB_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY")
DISK_GIB = 3.0
MEMORY_GIB = 3.0


class Condition(Record):
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "missing", "broken"]
    """`missing` limits what can be done; `broken` stops even the default replication."""
    detail: str


def examine_machine() -> list[Condition]:
    """Python, disk, memory, packages, device, embedded model, git, credentials."""
    return [
        _python(),
        _disk(),
        _memory(),
        *map(_package, PACKAGES),
        _device(),
        _embedded(),
        _git(),
        *map(_credential, CREDENTIALS),
    ]


def _python() -> Condition:
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    state = "ok" if sys.version_info >= (3, 11) else "broken"
    return Condition(what="python", state=state, detail=f"{found}; 3.11 or newer is needed")


def _disk() -> Condition:
    folder = cache_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    detail = f"{free:.1f} GiB free for the cache; {DISK_GIB:g} are needed (HARNESS_CACHE moves it)"
    return Condition(what="disk", state="ok" if free >= DISK_GIB else "broken", detail=detail)


def _memory() -> Condition:
    import psutil

    free = psutil.virtual_memory().available / 2**30
    detail = f"{free:.1f} GiB available; the default replication needs {MEMORY_GIB:g}"
    return Condition(what="memory", state="ok" if free >= MEMORY_GIB else "broken", detail=detail)


def _package(name: str) -> Condition:
    try:
        return Condition(what=name, state="ok", detail=version(name))
    except PackageNotFoundError:
        return Condition(what=name, state="broken", detail="not installed: make install")


def _device() -> Condition:
    from harness.models.device import describe_device

    found = describe_device("auto")
    detail = f"{found.name}, {found.threads} threads"
    return Condition(what="device", state="ok", detail=detail)


def _embedded() -> Condition:
    problem = availability(DEFAULT_MODEL)
    return Condition(
        what=DEFAULT_MODEL, state="broken" if problem else "ok", detail=problem or "installed"
    )


def _git() -> Condition:
    found = shutil.which("git")
    detail = "found" if found else "not found: commits are not recorded, nothing can be published"
    return Condition(what="git", state="ok" if found else "missing", detail=detail)


def _credential(name: str) -> Condition:
    found = bool(os.environ.get(name))
    return Condition(
        what=name, state="ok" if found else "missing", detail="set" if found else "not set"
    )
