"""Tokens as they can be read in a figure or a table: spaces and line breaks are visible."""

from collections.abc import Sequence
from functools import cache

from matplotlib.font_manager import findfont, get_font

_VISIBLE = {" ": "·", "\n": "↵", "\t": "⇥", "\r": "␍"}
_MISSING = "□"


def token_labels(tokens: Sequence[str], *, longest: int = 12) -> list[str]:
    """One label a token, cut to `longest` characters. What cannot be seen is an empty box."""
    return [token_label(token, longest=longest) for token in tokens]


def token_label(token: str, *, longest: int = 12) -> str:
    """` Mary` as `·Mary`. An empty token is `∅`."""
    seen = "".join(_VISIBLE.get(each, each) for each in token) or "∅"
    seen = seen if len(seen) <= longest else f"{seen[: longest - 1]}…"
    return "".join(each if _is_drawn(each) else _MISSING for each in seen)


def _is_drawn(character: str) -> bool:
    """An unbreakable space or a control sign would leave a label that looks empty."""
    return character.isprintable() and ord(character) in _glyphs()


@cache
def _glyphs() -> frozenset[int]:
    """Code points of the font of all figures."""
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
