"""Where a person's keys lie: out of sight for whatever runs in a cell."""

from pathlib import Path

_NAMES = (".ssh", ".aws", ".gnupg", ".config", ".netrc", ".claude", ".codex")


def private_places() -> tuple[Path, ...]:
    """Those that are there, for a cell's `hidden`."""
    return tuple(path for name in _NAMES if (path := Path.home() / name).exists())
