"""The harness's own errors, taken apart for a program: file, line, key, what is valid.

One problem is one line, `file:line: key: message; did you mean 'x'? valid: a, b`, in which all but
the message may be missing; indented lines below belong to it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.record import Record

_PLACE = re.compile(r"(?P<path>[^:\n]*?)(?::(?P<line>\d+))?: (?P<message>.*)", re.DOTALL)
_FILE = re.compile(r"[^\s:]*/[^\s:]*|[^:\n]*\.(?:ya?ml|jsonl?|md|txt|pdf|html?|zip)")
"""A path as messages begin with; a drive's letter is no part of it."""
_KEY = re.compile(r"(?:--)?[A-Za-z_][\w-]*(?:\[\d+\])*(?:\.[\w-]+(?:\[\d+\])*)*")
_GUESS = re.compile(r"did you mean '([^']*)'\?")
_CHOICES = re.compile(r"Input should be ((?:'[^']*'(?:, | or )?)+)$", re.MULTILINE)
_VALID = re.compile(r"\bvalid: ([^;\n]+)")


class Place(NamedTuple):
    """The beginning of an error, and the rest."""

    path: str
    line: int | None
    message: str


class Problem(Record):
    """One thing that must be mended."""

    file: str | None
    line: int | None
    key: str | None
    """Where in the file: `experiments[0].layer`; of the command line `--option`."""
    message: str
    """In full, without file, line and key."""
    valid: tuple[str, ...] | None
    """What may stand there, as the message lists it; a range is one entry."""
    did_you_mean: str | None


def problems_in(message: str) -> list[Problem]:
    """Each problem of an error of the harness, in its order."""
    return [_problem(each) for each in _blocks(message)]


def split_place(line: str) -> Place | None:
    """Path, line and rest of `path:line: …`, the line left out or not; `None` for another text."""
    found = _PLACE.match(line)
    if found is None:
        return None
    number = found["line"]
    return Place(found["path"], int(number) if number else None, found["message"])


def _blocks(message: str) -> Iterator[str]:
    block: list[str] = []
    for line in message.splitlines():
        if block and not line.startswith((" ", "\t")):
            yield "\n".join(block)
            block = []
        block.append(line)
    if block:
        yield "\n".join(block)


def _problem(block: str) -> Problem:
    place = split_place(block)
    if place is None or not _FILE.fullmatch(place.path):
        place = Place("", None, block)
    before, mark, after = place.message.partition(": ")
    is_key = bool(mark) and _KEY.fullmatch(before) is not None
    message = after if is_key else place.message
    guess = _GUESS.search(message)
    return Problem(
        file=place.path or None,
        line=place.line,
        key=before if is_key else None,
        message=message,
        valid=_valid(message),
        did_you_mean=guess[1] if guess else None,
    )


def _valid(message: str) -> tuple[str, ...] | None:
    listed = _VALID.search(message)
    if listed:
        return tuple(listed[1].strip().split(", "))
    choices = _CHOICES.search(message)
    return tuple(re.findall(r"'([^']*)'", choices[1])) if choices else None
