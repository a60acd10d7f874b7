"""Server-sent events, read from bytes that come in any pieces."""

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONGEST = 32 * 1024 * 1024
"""Bytes of one event; the last event of a long answer repeats all of it."""


class EventStream:
    """Yields the data of each event; all else of the stream is passed over.

    As the WHATWG's HTML standard, 9.2.6, reads a stream, but that an event which the end of the
    stream cuts off is yielded too.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Events that are complete with this piece."""
        whole = self._rest + piece
        # A carriage return at the end may be the first half of a line's end.
        last = max(whole.rfind(b"\n"), whole.rfind(b"\r", 0, max(len(whole) - 1, 0))) + 1
        self._rest = whole[last:][-_LONGEST:]
        for line in _lines(whole[:last]):
            yield from self._take(line)

    def close(self) -> Iterator[bytes]:
        """What is left at the end of the stream."""
        for line in _lines(self._rest + b"\n\n"):
            yield from self._take(line)
        self._rest = b""

    def _take(self, line: bytes) -> Iterator[bytes]:
        if not line and self._data:
            yield b"\n".join(self._data)
            self._data = []
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))


def _lines(whole: bytes) -> Iterator[bytes]:
    """Lines that end, without their ends."""
    begin = 0
    for end in _LINE_END.finditer(whole):
        yield whole[begin : end.start()]
        begin = end.end()
