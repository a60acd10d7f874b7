"""The two pipes between the harness and a recipe: activations in, answers out.

They are named pipes of the scratch folder. The harness holds both ends of each open from before the
recipe runs, so whatever becomes of the names, or whoever closes an end, no call of the harness
blocks or breaks.
"""

import fcntl
import os
import struct
import termios
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.autoresearch.sandbox.protocol import ACTIVATIONS, ANSWERS

_BYTES = 2**20
"""Room in a pipe: the most that Linux gives to who is not root."""
_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW


class Pipes(NamedTuple):
    """File descriptors of the harness's side; no call on them waits."""

    activations: int
    answers: int

    def unread_bytes(self) -> int:
        """Bytes of activations that nobody has taken out."""
        answer = fcntl.ioctl(self.activations, termios.FIONREAD, bytes(4))
        return struct.unpack("i", answer)[0]


@contextmanager
def made_pipes(folder: Path) -> Generator[Pipes]:
    """Make both in a folder that holds neither."""
    ends: list[int] = []
    try:
        for name in (ACTIVATIONS, ANSWERS):
            os.mkfifo(folder / name, 0o600)
            ends.append(os.open(folder / name, _FLAGS))
            _widen(ends[-1])
        yield Pipes(*ends)
    finally:
        for end in ends:
            os.close(end)


def _widen(end: int) -> None:
    """A narrow pipe is slower and works all the same: a user's pipes have a limit in all."""
    try:
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _BYTES)
    except PermissionError:
        return
