"""A recipe as a proposer leaves it: two files, told apart by content."""

from pathlib import Path

from harness.record import Record

CODE, KNOBS = "recipe.py", "knobs.yaml"


class Candidate(Record):
    """The editable files. Its digest is its name everywhere."""

    code: str
    """`recipe.py`: `train` and `encode`."""
    knobs: str
    """`knobs.yaml`: values with their ranges."""

    @property
    def files(self) -> dict[str, str]:
        """By name."""
        return {CODE: self.code, KNOBS: self.knobs}

    def write(self, folder: Path) -> None:
        """Lay the files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
