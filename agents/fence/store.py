"""What was accepted, kept out of the agent's reach: the entries, and the content of every file."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agents.fence.entries import Entries, Entry, sha256
from harness.record import HarnessError, parse_json, read_text, write_text


class Store:
    """A folder; contents are named by their SHA-256 and never change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "accepted.json"

    @property
    def has_index(self) -> bool:
        """Whether anything was accepted yet."""
        return self._index.exists()

    def entries(self) -> dict[str, Entry]:
        """What was accepted last. Raises `HarnessError` where the file cannot be read."""
        kept = cast("Mapping[str, list[Any]]", parse_json(read_text(self._index), self._index))
        return {path: _entry(values) for path, values in kept.items()}

    def set_entries(self, entries: Entries) -> None:
        """Accept; all of it or, where this is killed, nothing."""
        write_text(self._index, json.dumps(entries) + "\n")

    def keep(self, path: Path) -> str:
        """Keep a file's content; its SHA-256."""
        digest = sha256(path)
        place = self._place(digest)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
            shutil.copyfile(path, partial, follow_symlinks=False)
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            partial.replace(place)
        return digest

    def put(self, digest: str, path: Path) -> None:
        """Write a content that was kept to a new file.

        Raises `HarnessError` where what was kept is damaged.
        """
        place = self._place(digest)
        if not place.exists() or sha256(place) != digest:
            raise HarnessError(f"{place}: damaged; the working tree cannot be put back from it")
        shutil.copyfile(place, path)

    def _place(self, digest: str) -> Path:
        return self._folder / "contents" / digest[:2] / digest[2:]


def _entry(values: list[Any]) -> Entry:
    kind, mode, content, stamp, links = values
    return Entry(kind, mode, content, None if stamp is None else tuple(stamp), links)
