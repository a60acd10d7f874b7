"""Numbers and tokens as a reader sees them. What is not known is a dash."""

from harness.features.details import Example
from harness.features.page.document import escape

DASH = "—"
LEVELS = 9
"""Steps of colour between no activation and the feature's highest."""
_BEFORE, _AFTER = 14, 8
"""Tokens on either side of the peak in a glimpse."""
_SIGNS = {"\n": "↵", "\t": "⇥", "\r": "␍"}


def number(value: float | None) -> str:
    """Three digits, and more before the point where there are more."""
    if value is None:
        return DASH
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}"
    return shown.replace("-", "−")


def share(fraction: float) -> str:
    """A percentage; 0 is exact."""
    return f"{number(100 * fraction)} %" if fraction else "0 %"


def signed(value: float | None) -> str:
    """A correlation or a cosine."""
    return DASH if value is None else f"{value:+.3f}".replace("-", "−")


def token(text: str) -> str:
    """A token in which white space is seen, as markup."""
    return escape("".join(_SIGNS.get(each, each) for each in text)) or "∅"


def passage(example: Example, highest: float) -> str:
    """The tokens of an example as running text; the darker, the higher the activation."""
    return "".join(_shown(example, place, highest) for place in range(len(example.tokens)))


def glimpse(example: Example, highest: float) -> str:
    """The tokens around the peak alone."""
    first = max(0, example.train_token_ind - _BEFORE)
    end = min(len(example.tokens), example.train_token_ind + _AFTER)
    shown = "".join(_shown(example, place, highest) for place in range(first, end))
    return f"{'…' * (first > 0)}{shown}{'…' * (end < len(example.tokens))}"


def _shown(example: Example, place: int, highest: float) -> str:
    """One token; a mark around it would be empty where the feature is 0."""
    text, value = example.tokens[place], example.tokens_acts_list[place]
    peak = place == example.train_token_ind
    if value == 0 and not peak:
        return token(text)
    # The space before a word stays outside the mark, or the end of a line carries a sliver of it.
    word = text.lstrip(" ") or text
    name = f"a{_level(value, highest)}{' peak' * peak}"
    before = text[: len(text) - len(word)]
    return f'{before}<span class="{name}" title="{number(value)}">{token(word)}</span>'


def _level(value: float, highest: float) -> int:
    """0 where the activation is below 0, which few transcoders can have."""
    return 0 if value <= 0 or highest <= 0 else max(1, min(LEVELS, round(LEVELS * value / highest)))
