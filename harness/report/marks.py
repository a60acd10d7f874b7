"""How outcomes and agreements look: a shape as well as a colour, so that neither stands alone.

Colours are those of Okabe and Ito, which people with any common colour vision tell apart.
"""

from typing import NamedTuple

from harness.report.document import Tone


class Look(NamedTuple):
    """The signs of one tone."""

    emoji: str
    """For Markdown, where GitHub strips colours."""
    glyph: str
    """For HTML, inside a coloured badge; found in every common font."""
    word: str
    colour: str


LOOKS: dict[Tone, Look] = {
    "replicated": Look("✅", "✔", "replicated", "#007a5a"),
    "partial": Look("🌗", "◐", "partially replicated", "#b87400"),
    "not_replicated": Look("❌", "✘", "not replicated", "#c44b00"),
    "inconclusive": Look("❔", "?", "inconclusive", "#a04c80"),
    "not_applicable": Look("⏸️", "⊘", "shown, not judged", "#5c6670"),
    "not_tested": Look("⬜", "○", "not tested", "#808a94"),
    "agrees": Look("🟦", "■", "agrees", "#0072b2"),
    "undecided": Look("🟨", "◪", "undecided", "#d8c600"),
    "differs": Look("🟧", "□", "differs", "#d55e00"),
}
