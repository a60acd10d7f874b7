"""The recipe that won, against the one that the campaign began with."""

from harness.autoresearch.changes import unified_diff
from harness.autoresearch.report.gains import keeps
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.wording import one_line, start
from harness.report.document import Block, Code, Details, Heading, Line, Listing, Strong, Verbatim

_MOST = 60_000
"""Characters of the recipe or the diff that are shown."""


def winner_section(material: Material) -> list[Block]:
    """The keeps that it is made of, and its text; nothing where nothing was kept."""
    kept = keeps(material.history)
    if not kept:
        return []
    items: tuple[Line, ...] = tuple(
        (Strong(f"Trial {each.number}"), f": {one_line(each.proposed.title, 120)}") for each in kept
    )
    diff = unified_diff(material.start, material.winner)
    return [
        Heading(2, "The winner", "winner"),
        Listing((("Recipe ", Code(material.history.incumbent.candidate)), *items)),
        Details(
            ("Difference to the baseline",), (Verbatim(start(diff, _MOST), "diff"),), "winner-diff"
        ),
        Details(
            ("Its knobs",), (Verbatim(start(material.winner.knobs, _MOST), "yaml"),), "winner-knobs"
        ),
    ]
