"""Texts that the harness writes, held line by line against what it writes from the same rows."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.review.rules.paths import shown

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HASH = re.compile(r"\b[0-9a-f]{40,}\b")
_MOST = 5
"""Lines told of one file."""
_SHOWN = 100
"""Characters of a line around what differs."""


class Odd(NamedTuple):
    """A line that the rows do not give."""

    line: int | None
    message: str


def odd_lines(given: bytes, expected: bytes) -> Iterator[Odd]:
    """Lines that are not in `expected`, with the numbers that stand nowhere in it; then what is
    left out, and a change of order where there is nothing else."""
    if given == expected:
        return
    ours = given.decode("utf-8", "replace").split("\n")
    theirs = expected.decode().split("\n")
    known, numbers = set(theirs), set(_numbers(expected.decode()))
    extra = [(place, line) for place, line in enumerate(ours, start=1) if line not in known]
    for place, line in extra[:_MOST]:
        strange = [each for each in _numbers(line) if each not in numbers]
        yield Odd(place, _told(line, strange, theirs, place))
    if len(extra) > _MOST:
        yield Odd(None, f"and {len(extra) - _MOST} more lines that these rows do not give")
    left_out = known - set(ours)
    if left_out and not extra:
        yield Odd(None, f"{len(left_out)} lines are left out, such as “{_cut(min(left_out))}”")
    if not extra and not left_out:
        yield Odd(_first_difference(ours, theirs), "lines stand in another order, or repeat")


def _numbers(text: str) -> list[str]:
    """Digits of a hash are no number."""
    return _NUMBER.findall(_HASH.sub("", text))


def _told(line: str, strange: list[str], theirs: list[str], place: int) -> str:
    if strange:
        return (
            f"{', '.join(strange[:3])}: a number that no row gives, in “{_cut(line, strange[0])}”"
        )
    return f"not what these rows give: “{_cut(_differing(line, theirs, place))}”"


def _differing(line: str, theirs: list[str], place: int) -> str:
    """From a little before where the line leaves the one that stands at its place."""
    there = theirs[place - 1] if place <= len(theirs) else ""
    pairs = zip(line, there, strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(line), len(there)))
    return line[max(0, same - _SHOWN // 3) :]


def _first_difference(ours: list[str], theirs: list[str]) -> int:
    pairs = enumerate(zip(ours, theirs, strict=False), start=1)
    return next((at for at, (a, b) in pairs if a != b), min(len(ours), len(theirs)) + 1)


def _cut(line: str, around: str = "") -> str:
    start = max(0, line.find(around) - _SHOWN // 2) if around else 0
    return shown(line[start : start + _SHOWN])
