"""A paper's text beside its spec: `papers/PAPER/paper.md` and `paper_text.json`.

Both stay outside of version control, for the text is somebody's, unless its licence lets it in.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from harness.paper_text.fetching import Fetched
from harness.paper_text.text import PaperText
from harness.record import HarnessError, Record, read_text, write_text

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SPDX = re.compile(r"[A-Za-z0-9.+-]{1,60}")


class KeptText(Record):
    """What `paper_text.json` says of `paper.md`."""

    about: PaperText
    licence: str | None
    """SPDX identifier; `None`: not said, so that the text is not to be passed on."""
    fetched_utc: datetime


def keep(project: Path, paper_id: str, fetched: Fetched, *, licence: str | None) -> KeptText:
    """Write a text where `claims audit` looks for it, in place of one that is there.

    Raises `HarnessError` for an id that is no plain name, a licence that is no SPDX identifier,
    and a folder that is a link.
    """
    file = text_file(project, paper_id)
    if licence is not None and not _SPDX.fullmatch(licence):
        raise HarnessError(f"--licence: {licence!r} is no SPDX identifier, such as CC-BY-4.0")
    kept = KeptText(about=fetched.about, licence=licence, fetched_utc=datetime.now(UTC))
    write_text(file, fetched.text)
    kept.dump(file.with_name("paper_text.json"))
    return kept


def kept_text(project: Path, paper_id: str) -> str | None:
    """The text of a paper; `None` where it is not here. Raises `HarnessError` for a link."""
    file = text_file(project, paper_id)
    if file.is_symlink():
        raise HarnessError(f"{file}: a symbolic link; a paper's text is a file of its own")
    return read_text(file) if file.is_file() else None


def text_file(project: Path, paper_id: str) -> Path:
    """Where the text lies. Raises `HarnessError` where that leads out of `papers/`."""
    if not _PLAIN.fullmatch(paper_id):
        raise HarnessError(
            f"paper: {paper_id!r}: no plain name; valid: lower-case letters, digits, '.', '_' and "
            "'-', a letter or digit first, 80 at most"
        )
    folder = project / "papers" / paper_id
    if folder.is_symlink():
        raise HarnessError(f"{folder}: a symbolic link; a paper's folder is the project's own")
    return folder / "paper.md"
