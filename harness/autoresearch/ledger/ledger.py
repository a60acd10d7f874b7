"""The ledger's file: one event a line, each line holding the hash of the one before.

An event is on disk before `append` returns, and a crash tears at most a last line that nothing was
told of. The chain tells an altered, dropped or moved line. It does not tell an altered last line,
nor a file that was written anew as a whole: whoever notes `head` down elsewhere finds those too.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from harness.autoresearch.ledger.event import Begun, Event, Line
from harness.autoresearch.ledger.history import History
from harness.lines import append_line, cut_torn
from harness.record import HarnessError

FIRST = "0" * 64
"""What the first line holds as the hash of the line before."""


class Ledger:
    """The file, for one writer. Opening it changes nothing, so that others may look meanwhile."""

    def __init__(self, path: Path) -> None:
        """A missing file has no events yet.

        Raises `HarnessError` naming file and line where the chain is broken.
        """
        self._path = path
        content = _whole(path)
        self._lines = list(_chained(path, content))
        self._head = _sha256(content.split(b"\n")[-2]) if content else FIRST
        self._size = len(content)
        self._history = History(line.event for line in self._lines)

    @property
    def history(self) -> History:
        """What follows from the events."""
        return self._history

    @property
    def lines(self) -> Sequence[Line]:
        """The oldest first."""
        return self._lines

    @property
    def head(self) -> str:
        """SHA-256 of the last line; it stands for all that has happened."""
        return self._head

    def append(self, event: Event, *, seconds: float = 0.0) -> None:
        """Write the next event, on which `seconds` were spent; it is on disk when this returns.

        Raises `HarnessError` where the disk is full, and the ledger is then as it was; and where
        another process has written to it.
        """
        assert isinstance(event, Begun) == (not self._lines), (len(self._lines), event.kind)
        line = Line(
            number=len(self._lines),
            utc=datetime.now(UTC).isoformat(timespec="milliseconds"),
            seconds=seconds,
            event=event,
            previous=self._head,
        )
        text = line.model_dump_json()
        self._write(text)
        self._head = _sha256(text.encode())
        self._size += len(text.encode()) + 1
        self._lines.append(line)
        self._history.add(event)

    def _write(self, text: str) -> None:
        if _size(self._path) != self._size:
            cut_torn(self._path)
        if _size(self._path) != self._size:
            raise HarnessError(f"{self._path}: another process has written to it since it was read")
        try:
            append_line(self._path, text)
        except HarnessError:
            # A whole line can stand there although it did not reach the disk for certain.
            if self._path.exists():
                os.truncate(self._path, self._size)
            raise


def read_ledger(path: Path) -> list[Line]:
    """The lines of a ledger; none where there is no file.

    Changes nothing. A torn last line is passed over. Raises `HarnessError` naming file and line
    where the chain is broken.
    """
    return list(_chained(path, _whole(path)))


def _chained(path: Path, content: bytes) -> Iterator[Line]:
    previous = FIRST
    for number, text in enumerate(content.split(b"\n")[:-1]):
        try:
            line = Line.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise HarnessError(f"{path}:{number + 1}: no line of a ledger: {told}") from error
        if line.number != number:
            raise HarnessError(
                f"{path}:{number + 1}: number {line.number} stands where {number} follows: lines "
                "are missing or out of order"
            )
        if line.previous != previous:
            raise HarnessError(_broken(path, number))
        yield line
        previous = _sha256(text)


def _broken(path: Path, number: int) -> str:
    if number == 0:
        return f"{path}:1: altered: the first line holds the hash of a line before it"
    return f"{path}:{number}: line {number + 1} holds another hash of it: one of them is altered"


def _whole(path: Path) -> bytes:
    """Without a torn last line."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}") from error
    return content[: content.rfind(b"\n") + 1]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
