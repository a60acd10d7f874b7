"""What is known of a paper's text; the text itself is kept apart."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from harness.record import Record

Kind = Literal["pdf", "html", "text", "markdown"]
MOST_BYTES = 50_000_000
"""Of a file; papers are far below."""


class PaperText(Record):
    """Where a text came from, and its hash."""

    source: str
    """The address that was read, or a file's name without its folder."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the text in UTF-8, page marks and all."""
    characters: PositiveInt
    kind: Kind
    """What it was made from."""
    title: str | None = None
    """As the file itself says; nobody checked it."""
