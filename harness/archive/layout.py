"""What an archive holds, under which names, and how large it may be.

Members lie as in a project folder, so that an unpacked archive is one.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from harness.record import HarnessError
from harness.replication import Replication

SUMS = "SHA256SUMS"
"""Of every other member, in the form that `sha256sum --check` reads."""
LOCK = "environment/lock.json"
CONSTRAINTS = "environment/constraints.txt"

MOST_MEMBERS = 2_000
MOST_BYTES_EACH = 1 << 26
MOST_BYTES = 1 << 28
"""Unpacked, all members together."""

REQUIRED = ("replication.yaml", "manifest.json", "verdicts.json", "report.md", "reproduce.sh")
_PATTERNS = (
    *REQUIRED,
    *("report.html", "replication.ipynb", "explorer.json"),
    *("measurements/*.jsonl", "measurements/*.json", "artifacts/*"),
    *("figures/*.png", "figures/*.svg", "tables/*.csv"),
)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+,=-]{0,199}")
_PLACES = re.compile(r"papers/[^/]+/paper\.yaml|replications/[^/]+/[^/]+/.+")


def packed(replication: Replication) -> list[Path]:
    """The files of a replication's folder that belong to it, sorted."""
    found = {path for pattern in _PATTERNS for path in replication.root.glob(pattern)}
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def left_out(replication: Replication) -> list[str]:
    """Other files of the folder, hidden ones not counted, by their path in it."""
    kept = set(packed(replication))
    others = [path for path in sorted(replication.root.rglob("*")) if path.is_file()]
    names = [path.relative_to(replication.root) for path in others if path not in kept]
    return [name.as_posix() for name in names if not any(p.startswith(".") for p in name.parts)]


def require_safe_name(name: str) -> None:
    """Raises `HarnessError` for a name that no file of an archive has, or that leads outside."""
    parts = name.split("/")
    plain = all(_PART.fullmatch(part) for part in parts)
    if not plain or not (name in (SUMS, LOCK, CONSTRAINTS) or _PLACES.fullmatch(name)):
        raise HarnessError(f"{name!r} has no place in an archive")


def require_distinct(names: Iterable[str]) -> None:
    """Raises `HarnessError` where two names are one file, or one a folder of another, somewhere."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise HarnessError(f"{name!r} stands twice")
        seen.add(name.casefold())
    for name in seen:
        parts = name.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in seen:
                raise HarnessError(f"{name!r} lies below a file")


def checksums(members: Mapping[str, bytes]) -> str:
    """The text of `SHA256SUMS`."""
    lines = [f"{sha256(content).hexdigest()}  {name}" for name, content in sorted(members.items())]
    return "".join(f"{line}\n" for line in lines)
