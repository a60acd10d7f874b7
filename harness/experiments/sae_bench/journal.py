"""What is finished of an unfinished experiment, so that a stop costs minutes and not hours.

The folder lies beside the experiment's artifacts, is named by its spec's digest and the world's,
and is removed when all is done.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from harness.measurement import Measurement
from harness.record import write_text


class Journal:
    """Rows of finished SAEs, a file each; a file that exists is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, kind: str) -> Path:
        """A file of one SAE, such as its checkpoint."""
        return self.folder / f"{name}.{kind}"

    def rows(self, name: str) -> list[Measurement]:
        """Rows that were kept; none where it is not finished."""
        path = self.path(name, "jsonl")
        return Measurement.parse_lines(path) if path.exists() else []

    def keep(self, name: str, rows: Iterable[Measurement]) -> list[Measurement]:
        """Keep rows, and hand them on."""
        kept = list(rows)
        lines = (row.model_dump_json(exclude_none=True) + "\n" for row in kept)
        write_text(self.path(name, "jsonl"), "".join(lines))
        return kept

    def remove(self) -> None:
        """All is done."""
        shutil.rmtree(self.folder, ignore_errors=True)
