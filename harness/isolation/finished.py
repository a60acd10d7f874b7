"""A command that has ended, with what it printed, cut in the middle where it is long."""

from collections import deque
from typing import NamedTuple


class Finished(NamedTuple):
    """How a command ended."""

    code: int
    """Exit code; 128 more than the signal's number where one ended it, so 137 where it was killed
    at the deadline."""
    output: str
    """What it printed, errors among the rest in the order in which they came."""
    overdue: bool
    """Whether it was killed at the deadline."""


class Middle:
    """Text of which the beginning and the end are kept, however long it is."""

    def __init__(self, most_characters: int) -> None:
        self._head_room = most_characters // 2
        self._tail_room = most_characters - self._head_room
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._in_tail = 0
        self._left_out = 0

    def add(self, text: str) -> None:
        """Take in what comes next."""
        head, rest = text[: self._head_room], text[self._head_room :]
        self._head_room -= len(head)
        self._head.append(head)
        self._tail.append(rest)
        self._in_tail += len(rest)
        while self._tail and self._in_tail - len(self._tail[0]) >= self._tail_room:
            dropped = len(self._tail.popleft())
            self._in_tail -= dropped
            self._left_out += dropped

    @property
    def text(self) -> str:
        """Beginning and end, with a line between them that says how much is left out."""
        tail = "".join(self._tail)
        over = max(len(tail) - self._tail_room, 0)
        left_out = self._left_out + over
        mark = f"\n[… {left_out:,} characters left out …]\n" if left_out else ""
        return "".join(self._head) + mark + tail[over:]
