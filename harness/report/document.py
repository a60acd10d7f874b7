"""The parts of a page, free of any markup: what a section is made of before it is rendered."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from harness.examine import Outcome

Agreement = Literal["agrees", "undecided", "differs"]
Tone = Outcome | Agreement


class Strong(NamedTuple):
    """Words that stand out."""

    text: str


class Small(NamedTuple):
    """Words for the second look."""

    text: str


class Code(NamedTuple):
    """A name as a machine takes it."""

    text: str


class Link(NamedTuple):
    """Words that lead to a web page, a file of the folder, or `#anchor`."""

    text: str
    target: str


class Badge(NamedTuple):
    """Words with the mark and colour of an outcome or of an agreement."""

    tone: Tone
    text: str


Inline = str | Strong | Small | Code | Link | Badge
Line = tuple[Inline, ...]


class TableCell(NamedTuple):
    """The lines of one cell; the tone is shown as a mark and, in HTML, a background."""

    lines: tuple[Line, ...]
    tone: Agreement | None = None


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4 that `#anchor` leads to."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """A running text."""

    line: Line


@dataclass(frozen=True)
class Listing:
    """Bullets."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class Quotation:
    """The words of somebody else."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    style: str = "plain"
    """Class of the table in the style sheet."""


@dataclass(frozen=True)
class Picture:
    """A figure file, by its path relative to the report."""

    path: str
    caption: str


@dataclass(frozen=True)
class Commands:
    """Lines to type in a shell."""

    text: str


@dataclass(frozen=True)
class Verbatim:
    """Lines of somebody else as they stand, such as a diff or the end of a log."""

    text: str
    language: Literal["diff", "text", "yaml"] = "text"
    """That GitHub colours it as."""


@dataclass(frozen=True)
class Details:
    """Blocks that open when the summary is clicked; `#anchor` leads to it."""

    summary: Line
    blocks: tuple["Block", ...]
    anchor: str


Block = Heading | Paragraph | Listing | Quotation | Table | Picture | Commands | Verbatim | Details


def cell(*line: Inline) -> TableCell:
    """A cell of one line."""
    return TableCell((line,))
