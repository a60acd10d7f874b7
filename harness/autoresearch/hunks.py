"""Where two texts of code differ, in places that can be turned back one by one."""

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from harness.autoresearch.recipe_code import without_words
from harness.record import HarnessError

NEAR = 3
"""Differences with at most as many equal lines between them are one."""
LINES = 2_000
"""Longer texts are compared as one piece: comparing line by line grows with the square."""


class Hunk(NamedTuple):
    """Lines `start` to `stop` (from 0, without the last) of either text that stand for another."""

    old_start: int
    old_stop: int
    start: int
    stop: int

    def texts(self, old: str, new: str) -> str:
        """Both sides of it, for looking names up."""
        mine = new.split("\n")[self.start : self.stop]
        return "\n".join([*old.split("\n")[self.old_start : self.old_stop], *mine])

    def meets(self, other: "Hunk") -> bool:
        """Whether both stand for some of the same lines of the old text."""
        ends = max(self.old_stop, self.old_start + 1), max(other.old_stop, other.old_start + 1)
        return self.old_start < ends[1] and other.old_start < ends[0]

    @property
    def shown(self) -> str:
        """`40-52`, from 1, in the new text; what was taken out stands in the old one."""
        if self.start == self.stop:
            return f"{_span(self.old_start, self.old_stop)} of the parent"
        return _span(self.start, self.stop)


def hunks(old: str, new: str) -> tuple[Hunk, ...]:
    """All of them, in order; those that change comments alone are left out."""
    found = _merged(_differences(old.split("\n"), new.split("\n")))
    if _same_code(old, new):
        return ()
    # A hunk may do nothing on its own and yet do something beside the others.
    return tuple(each for each in found if not _is_silent(each, old, new)) or found


def turned_back(old: str, new: str, places: Collection[Hunk]) -> str:
    """The new text with the old one's lines at these places."""
    before, after = old.split("\n"), new.split("\n")
    lines: list[str] = []
    at = 0
    for each in sorted(places):
        lines += after[at : each.start] + before[each.old_start : each.old_stop]
        at = each.stop
    return "\n".join(lines + after[at:])


def mentions(text: str, name: str) -> bool:
    """Whether the name of a knob stands in it as a word."""
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _differences(old: list[str], new: list[str]) -> Iterable[Hunk]:
    if max(len(old), len(new)) > LINES:
        return [Hunk(0, len(old), 0, len(new))]
    codes = SequenceMatcher(None, old, new).get_opcodes()
    return [Hunk(*spans) for tag, *spans in codes if tag != "equal"]


def _merged(found: Iterable[Hunk]) -> tuple[Hunk, ...]:
    merged: list[Hunk] = []
    for each in found:
        if merged and each.start - merged[-1].stop <= NEAR:
            last = merged.pop()
            merged.append(Hunk(last.old_start, each.old_stop, last.start, each.stop))
        else:
            merged.append(each)
    return tuple(merged)


def _is_silent(place: Hunk, old: str, new: str) -> bool:
    without = turned_back(old, new, [place])
    mirrored = Hunk(place.start, place.stop, place.old_start, place.old_stop)
    return _same_code(without, new) and _same_code(turned_back(new, old, [mirrored]), old)


def _same_code(one: str, other: str) -> bool:
    try:
        return without_words(one) == without_words(other)
    except HarnessError:
        return one == other


def _span(start: int, stop: int) -> str:
    return f"line {start + 1}" if stop - start == 1 else f"lines {start + 1}-{stop}"
