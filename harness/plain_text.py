"""Text from outside, made harmless to read: visible characters only, and no more than a limit."""

import unicodedata

from harness.untrusted import is_invisible

TEXT_LIMIT = 1_200
"""Characters of one text; the longest quote of a paper in this repository has far fewer."""


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
    return "" if is_invisible(character) else character
