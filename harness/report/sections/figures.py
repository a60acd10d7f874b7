"""Figures that do not belong to another section."""

from collections.abc import Sequence

from harness.report.document import Block, Heading, Picture
from harness.report.figures.attribution_graph import PREFIX
from harness.report.figures.forest import FOREST
from harness.report.figures.style import Drawing


def picture_path(drawn: Drawing) -> str:
    """Where a figure lies, relative to the report."""
    return f"figures/{drawn.name}.png"


def picture(drawn: Drawing) -> Picture:
    """A figure on the page."""
    return Picture(picture_path(drawn), drawn.caption)


def figures_section(drawings: Sequence[Drawing]) -> list[Block]:
    """What is left once verdicts, tables and attribution graphs have theirs."""
    rest = [
        each
        for each in drawings
        if each.name != FOREST and not each.name.startswith(("table.", PREFIX))
    ]
    if not rest:
        return []
    return [Heading(2, "Figures", "figures"), *map(picture, rest)]
