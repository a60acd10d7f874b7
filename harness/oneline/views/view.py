"""What a person is shown of a one-liner's record."""

from typing import NamedTuple

from harness.report.figures.style import Drawing


class View(NamedTuple):
    """A line, a table of texts and a picture, all made from the record alone."""

    line: str
    rows: list[dict[str, str]]
    drawing: Drawing
