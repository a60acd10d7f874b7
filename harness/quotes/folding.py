"""A text with all taken away that does not count when a quote is looked for in it.

What counts not is what typesetting and its extraction do to words: white space and line breaks,
hyphens at line ends, ligatures and other forms of one character (NFKC), the shapes of quotation
marks and dashes, soft hyphens, LaTeX's thin spaces. Takes time linear in the text, whoever wrote
it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_PAGE = re.compile(r"<!-- page (\d{1,6}) -->")
_WORD = re.compile(r"\S+")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58"
_SINGLE = "\u2018\u2019\u201a\u201b\u2032\u00b4`"
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SINGLE, "'"),
        **dict.fromkeys(_DOUBLE, '"'),
        **dict.fromkeys(_UNSEEN, None),
    }
)
_CHUNK = 100
"""Characters normalised at once: sorting a run of combining marks takes its length squared."""


class Found(NamedTuple):
    """Where a quote begins."""

    page: int | None
    """As the mark above it says; `None` where the text has no pages."""
    line: int
    """Of the text, from 1."""
    place: int
    """Characters before it."""


def page_mark(page: int) -> str:
    """The line that begins a page of a stored text; it plays no part in matching."""
    return f"<!-- page {page} -->"


class Span(NamedTuple):
    """Of a folded text."""

    start: int
    end: int


class Folded(NamedTuple):
    """A text with what does not count taken away."""

    flat: str
    starts: list[int]
    """Places in `flat` at which pieces of words begin."""
    places: list[int]
    """The places in the text of the words that these are of."""
    joints: frozenset[int]
    """Places in `flat` at which a hyphen between letters was left out."""
    pages: list[tuple[int, int]]
    """Place in the text and number of each page."""
    lines: list[int]
    """Places in the text at which lines end."""

    def every(self, part: str) -> Iterator[Span]:
        """Each place of a part that cuts neither a word nor a number in two.

        Goes on behind a place, never inside of it, which keeps it linear.
        """
        at = self.flat.find(part) if part else -1
        while at >= 0:
            end = at + len(part)
            if not (self._cuts(at) or self._cuts(end)):
                yield Span(at, end)
            at = self.flat.find(part, end)

    def _cuts(self, at: int) -> bool:
        around = self.flat[max(at - 2, 0) : at], self.flat[at : at + 2]
        before, after = around
        if not before or not after or at in self.joints:
            return False
        if before[-1].isalnum() and after[0].isalnum():
            return True
        splits_before = before[-1] in ".," and before[:-1].isdigit() and after[0].isdigit()
        splits_after = after[0] in ".," and after[1:].isdigit() and before[-1].isdigit()
        return splits_before or splits_after

    def locate(self, at: int) -> Found:
        """Page, line and place of what stands at a place of `flat`."""
        place = self.places[bisect_right(self.starts, at) - 1]
        page = bisect_right(self.pages, (place, 0)) - 1
        number = self.pages[page][1] if page >= 0 else None
        return Found(number, bisect_right(self.lines, place - 1) + 1, place)


def fold(text: str) -> Folded:
    """Words with one space between; a hyphen takes the spaces around it away.

    A hyphen between letters goes itself: nothing tells one that a line end put there.
    """
    pieces: list[str] = []
    starts: list[int] = []
    places: list[int] = []
    joints: set[int] = set()
    size, last, dash = 0, "", False
    for place, word in _words(text):
        first = True
        for piece in word.split("-"):
            dash, first = dash or not first, False
            if not piece:
                continue
            joined = _joint(last, piece, dash=dash)
            if dash and not joined and last:
                joints.add(size)
            dash, size = False, size + len(joined)
            starts.append(size)
            places.append(place)
            pieces += (joined, piece)
            size, last = size + len(piece), piece[-1]
    pages = [(found.start(), int(found[1])) for found in _PAGE.finditer(text)]
    lines = [found.start() for found in re.finditer("\n", text)]
    return Folded("".join(pieces), starts, places, frozenset(joints), pages, lines)


def _joint(last: str, piece: str, *, dash: bool) -> str:
    """What stands between two pieces of words."""
    if not dash:
        return " " if last else ""
    if not last:
        return "-" if piece[0].isdigit() or piece[0] == "." else ""
    return "" if last.isalpha() and piece[0].isalpha() else "-"


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Each word in one form, with its place; page marks are none."""
    blank = _PAGE.sub(lambda mark: " " * len(mark[0]), text).replace("\\,", "  ")
    for found in _WORD.finditer(blank):
        word = _one_form(found[0])
        if word:
            yield found.start(), word


def _one_form(word: str) -> str:
    plain = word.translate(_SIGNS)
    if not plain.isascii():
        chunks = (plain[at : at + _CHUNK] for at in range(0, len(plain), _CHUNK))
        plain = "".join(unicodedata.normalize("NFKC", chunk) for chunk in chunks).translate(_SIGNS)
    return plain.replace("''", '"').replace("\\%", "%")
