"""The folders that a turn works with: the agent's own, and what is kept of it out of its reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.autoresearch.campaign import with_neighbours
from harness.autoresearch.proposers.fill import Wanted
from harness.cache_dir import cache_dir
from harness.isolation import Cell
from harness.isolation.private import private_places
from harness.record import read_text, write_text

_MOST_BYTES = 2**30
"""Of one file that the agent writes."""


@dataclass(frozen=True)
class Workplace:
    """Of one trial. The agent can write only in `work` and `home`."""

    folder: Path
    """Absolute."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """In a trial's folder."""
        return cls(folder.resolve())

    @property
    def work(self) -> Path:
        """Where the agent edits."""
        return self.folder / "work"

    @property
    def home(self) -> Path:
        """HOME of its commands."""
        return self.folder / "home"

    @property
    def memory(self) -> Path:
        """What its driver keeps to go on after a crash."""
        return self.folder / "memory"

    @property
    def turns(self) -> Path:
        """A folder a turn: prompt, raw lines, events, transcript."""
        return self.folder / "turns"

    @property
    def prompt(self) -> str:
        """What the first turn is asked."""
        return read_text(self._prompt)

    def lay(self, files: Mapping[str, str], prompt: str) -> None:
        """Write the agent's files and its prompt, unless a turn has begun here already."""
        if self._prompt.exists():
            return
        for name, text in files.items():
            write_text(self.work / name, text)
        write_text(self._prompt, prompt)

    def cell(self, wanted: Wanted) -> Cell:
        """Where the agent's commands run: secret, scores, other trials and keys are out of sight.

        On rung `process` nothing is. The network is open, for the meter is reached by it.
        """
        return Cell(
            rung=wanted.rung,
            folder=self.work,
            home=self.home,
            hidden=(*with_neighbours(wanted.folder), cache_dir() / "worlds", *private_places()),
            file_bytes=_MOST_BYTES,
        )

    @property
    def _prompt(self) -> Path:
        """Written last: where it stands, all stands."""
        return self.folder / "prompt.md"
