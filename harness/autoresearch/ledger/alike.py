"""How much alike two diffs of recipes are, or two texts, from 0 to 1."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite, log2, sqrt
from typing import NamedTuple

from harness.autoresearch.candidate import KNOBS
from harness.autoresearch.ledger.words import words

_HUNK = re.compile(r"^@@ ", re.MULTILINE)
_KNOB = re.compile(r"(\w+):")
_VALUE = re.compile(r"\bvalue:\s*([^\s,}]+)")
_AROUND = 0.5
"""Weight of words that a changed line has before and after: they tell where, not what."""


class _Changed(NamedTuple):
    code: dict[str, float]
    """Words with a sign for added, removed or around, to their weight."""
    knobs: dict[str, str]
    """New values; empty for a knob that was removed."""


def is_diff(text: str) -> bool:
    """Whether it is a unified diff."""
    return _HUNK.search(text) is not None


def likeness(one: str, other: str) -> float:
    """Cosine of what two diffs change, or of the words of two texts where one is no diff.

    Of knobs the new values count, each as much as one word: numbers of one sign lose with the ratio
    between them, down to 0 at a factor of 2. 0 where one of the two says nothing.
    """
    if not (is_diff(one) and is_diff(other)):
        return _cosine(_Changed(_bag(one), {}), _Changed(_bag(other), {}))
    return _cosine(_changed(one), _changed(other))


def _cosine(one: _Changed, other: _Changed) -> float:
    words_in_common = sum(weight * other.code.get(key, 0.0) for key, weight in one.code.items())
    names = one.knobs.keys() & other.knobs.keys()
    knobs_in_common = sum(_closeness(one.knobs[name], other.knobs[name]) for name in names)
    size = sqrt(_squared(one) * _squared(other))
    return min(1.0, (words_in_common + knobs_in_common) / size) if size else 0.0


def _squared(changed: _Changed) -> float:
    return _sum_of_squares(changed.code) + len(changed.knobs)


def _sum_of_squares(weights: Mapping[str, float]) -> float:
    return sum(weight * weight for weight in weights.values())


def _closeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    a, b = _number(one), _number(other)
    if a is None or b is None or a * b <= 0:
        return 0.0
    return max(0.0, 1.0 - abs(log2(abs(a)) - log2(abs(b))))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _bag(text: str) -> dict[str, float]:
    return dict.fromkeys(words(text), 1.0)


def _changed(diff: str) -> _Changed:
    added: set[str] = set()
    removed: set[str] = set()
    values: dict[str, str] = {}
    lost: dict[str, str] = {}
    for sign, line, knob in _lines(diff):
        if knob is None:
            (added if sign == "+" else removed).update(words(line))
        elif found := _VALUE.search(line):
            (values if sign == "+" else lost)[knob] = found[1]
    code = {f"={word}": _AROUND for word in added & removed}
    code |= {f"+{word}": 1.0 for word in added - removed}
    code |= {f"-{word}": 1.0 for word in removed - added}
    gone = dict.fromkeys(lost.keys() - values.keys(), "")
    new = {knob: value for knob, value in values.items() if lost.get(knob) != value}
    return _Changed(code, gone | new)


def _lines(diff: str) -> Iterator[tuple[str, str, str | None]]:
    """Sign and text of each changed line, with the knob that it is of in the file of knobs."""
    of_knobs, before, knob = False, "", ""
    for line in diff.splitlines():
        if line.startswith("+++ ") and before.startswith("--- "):
            of_knobs, knob = KNOBS in line, ""
        elif line[:1] in ("+", "-", " ") and not line.startswith("--- "):
            if named := _KNOB.match(line, 1):
                knob = named[1]
            if line[0] != " ":
                yield line[0], line[1:], knob if of_knobs else None
        before = line
