"""Text from outside, made harmless to read: visible characters only, and no more than a limit."""

import unicodedata

TEXT_LIMIT = 1_200
"""Characters of one text; the longest quote of a paper in this repository has far fewer."""

_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Variation selectors: invisible, and able to carry bytes."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
"""Letters and marks by category that show nothing."""


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line without control, zero-width, bidirectional, private and tag characters.

    Line ends and tabs become spaces. What is cut is counted, so that a reader knows of it.
    """
    seen = " ".join("".join(map(_shown, unicodedata.normalize("NFC", text))).split())
    if len(seen) <= limit:
        return seen
    return f"{seen[:limit]} [{len(seen) - limit} more characters left out]"


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    if character in _FILLERS or any(ord(character) in span for span in _SELECTORS):
        return ""
    return "" if unicodedata.category(character).startswith("C") else character
