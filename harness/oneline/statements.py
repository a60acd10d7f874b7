"""The statements of a probing one-liner: generated sets by name, or sentences from two files."""

from collections.abc import Sequence
from pathlib import Path

from harness.data.catalogue import load_statements
from harness.data.checks import check_duplicates
from harness.data.statements import Statement, StatementSet
from harness.record import HarnessError, read_text

SENTENCES = "sentences"
"""Name of the set that is read from files."""
Files = tuple[Path, Path]
"""True sentences, false sentences."""


def gather(names: Sequence[str], *, size: int, files: Files | None) -> dict[str, StatementSet]:
    """Each set of `names`, of which one may join several by `+`; generated ones of `size`.

    Raises `HarnessError` for an unknown name, an impossible size or files that do not serve.
    """
    found: dict[str, StatementSet] = {}
    for name in dict.fromkeys(part for joined in names for part in joined.split("+")):
        if name != SENTENCES:
            found[name] = load_statements(name, size=size)
        elif files is None:
            raise HarnessError(f"the set {SENTENCES!r} comes from files: give --true and --false")
        else:
            found[name] = sentence_set(*files)
    return found


def sentence_set(true: Path, false: Path) -> StatementSet:
    """One sentence a line; each is a unit of its own.

    Raises `HarnessError` for a file that cannot be read and a sentence that stands twice.
    """
    statements = tuple(
        Statement(text=line, label=label, unit=line, country=None, contrast=line)
        for path, label in ((true, True), (false, False))
        for line in filter(None, map(str.strip, read_text(path).splitlines()))
    )
    given = StatementSet(name=SENTENCES, source="original", statements=statements)
    check_duplicates(given)
    return given
