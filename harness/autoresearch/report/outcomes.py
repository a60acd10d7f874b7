"""How outcomes of trials look: a shape as well as a colour, the same on the board and the page."""

from typing import NamedTuple

from harness.autoresearch.ledger.event import Outcome
from harness.report.document import Badge, Tone


class Look(NamedTuple):
    """The signs of one outcome."""

    glyph: str
    """Found in every common terminal font, one column wide."""
    style: str
    """Of rich."""
    tone: Tone
    """Of the badge on the page."""


LOOKS: dict[Outcome, Look] = {
    "kept": Look("✔", "bold green", "replicated"),
    "rejected": Look("○", "dim", "not_tested"),
    "invalid": Look("✘", "red", "not_replicated"),
    "refused": Look("⊘", "yellow", "not_applicable"),
    "loophole": Look("?", "magenta", "inconclusive"),
}
UNDER_WAY = "under way"


def badge(outcome: Outcome | None) -> Badge | str:
    """The outcome as the page shows it."""
    return UNDER_WAY if outcome is None else Badge(LOOKS[outcome].tone, outcome)
