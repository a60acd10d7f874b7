"""A recipe's process in its cell, from start to end, and every wait for it.

Every wait ends: with the recipe, at its deadline, or when it uses too much; and then nothing of it
is left.
"""

import os
import select
import threading
import time
from pathlib import Path
from typing import Self

from harness.autoresearch.ledger.event import Cause
from harness.autoresearch.sandbox.pipes import Pipes
from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.sandbox.protocol import MALFORMED, MEMORY, READY
from harness.autoresearch.sandbox.usage import Limits, excess
from harness.isolation import Job, Overdue
from harness.untrusted import tail

START_SECONDS = 180.0
"""To start Python and import torch, from a cold disk too."""
LOG_CHARACTERS = 2_000
_RAW_CHARACTERS = 10 * LOG_CHARACTERS
"""Kept of the log: colours and what is invisible go later."""
_LOOK_SECONDS, _TICK_SECONDS, _JOIN_SECONDS = 0.5, 0.05, 10.0
_ABORTED, _NO_MEMORY = 134, "bad_alloc"
_REASONS: dict[int, tuple[Cause, str]] = {
    MEMORY: ("memory", "it asked for more memory than there is"),
    137: ("memory", "it was killed from outside, as happens where memory runs out"),
    MALFORMED: ("malformed", "it gave back what it must not; the log says what"),
    125: ("crashed", "it had too many processes"),
    153: ("crashed", "a file of its own grew too large"),
}
"""By exit code: 137 is SIGKILL, 153 SIGXFSZ."""


class Running:
    """Reads the log and watches the use of the machine while the `with` block lasts."""

    def __init__(self, job: Job, pipes: Pipes, limits: Limits, folder: Path) -> None:
        self._job, self._pipes, self._limits, self._folder = job, pipes, limits, folder
        self._log = ""
        self._code: int | None = None
        self._stopped: tuple[Cause, str] | None = None
        self._is_ready = False
        self._written = 0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._read, self._watch)
        ]
        self.allow(START_SECONDS)

    def __enter__(self) -> Self:
        """Returns once everything but the recipe has run. Raises `RunFailed`."""
        for thread in self._threads:
            thread.start()
        try:
            if self.receive(len(READY)) != READY:
                raise self.failed("infrastructure", "the cell did not start as it must")
        except BaseException:
            self.__exit__()
            raise
        self._is_ready = True
        return self

    def __exit__(self, *_: object) -> None:
        self._job.kill()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    @property
    def log(self) -> str:
        """The end of what it printed so far, harmless to read."""
        return tail(self._log + self._job.errors, LOG_CHARACTERS)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self._ended.is_set()

    @property
    def sent_bytes(self) -> int:
        """Bytes of activations that it has taken out of the pipe."""
        return self._written - self._pipes.unread_bytes()

    def allow(self, seconds: float, *, of: float | None = None) -> None:
        """Wall clock until its deadline, from now; `of` is what it had in all."""
        self._allowed = of or seconds
        self._until = time.monotonic() + seconds

    def send(self, content: memoryview) -> bool:
        """Write activations; `False` where it ended before it took them. Raises `RunFailed`."""
        while content:
            try:
                written = os.write(self._pipes.activations, content)
                self._written += written
                content = content[written:]
            except BlockingIOError:
                if not self._wait(self._pipes.activations, select.POLLOUT):
                    return False
        return True

    def receive(self, size: int) -> bytes:
        """So many bytes of its answers. Raises `RunFailed` where they do not come."""
        content = bytearray(size)
        left = memoryview(content)
        while left:
            was_over = self._ended.is_set()
            try:
                left = left[os.readv(self._pipes.answers, [left]) :]
            except BlockingIOError:
                if was_over:
                    raise self._failure() from None
                self._wait(self._pipes.answers, select.POLLIN)
        return bytes(content)

    def join(self) -> None:
        """Wait for its end. Raises `RunFailed` unless it ended well."""
        while not self._ended.wait(_TICK_SECONDS):
            self._require_time()
        if self._stopped is not None or self._code != 0:
            raise self._failure()

    def failed(self, cause: Cause, message: str) -> RunFailed:
        """Why it has no result, with its log."""
        return RunFailed(cause, message, self.log)

    def _wait(self, end: int, event: int) -> bool:
        """Until an end is ready, for a moment at most; `False` where it has ended."""
        self._require_time()
        poll = select.poll()
        poll.register(end, event)
        poll.poll(1000 * _TICK_SECONDS)
        return not self._ended.is_set()

    def _require_time(self) -> None:
        if time.monotonic() > self._until:
            self._stop("deadline", f"it took more than {self._allowed:g} s")
            raise self._failure()

    def _stop(self, cause: Cause, message: str) -> None:
        """End it; the first reason is the one that is told."""
        with self._lock:
            self._stopped = self._stopped or (cause, message)
        self._job.kill()

    def _read(self) -> None:
        try:
            for text in self._job.texts():
                self._log = (self._log + text)[-_RAW_CHARACTERS:]
            self._code = self._job.wait()
        except Overdue:
            with self._lock:
                self._stopped = self._stopped or ("deadline", "it took too long in all")
        finally:
            self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            found = excess(self._job.processes(), self._folder, self._limits)
            if found is not None and not self._ended.is_set():
                self._stop("memory", found)
                return

    def _failure(self) -> RunFailed:
        self._ended.wait(_JOIN_SECONDS)
        if not self._is_ready:
            told = self._stopped[1] if self._stopped else f"exit code {self._code}"
            return self.failed("infrastructure", f"no cell in which a recipe can run: {told}")
        if self._stopped is not None:
            return self.failed(*self._stopped)
        return self.failed(*self._reason())

    def _reason(self) -> tuple[Cause, str]:
        if self._code == _ABORTED and _NO_MEMORY in self._log:
            return _REASONS[MEMORY]
        if self._code == 0:
            return "crashed", "it ended before it was through"
        assert self._code is not None, "it has ended"
        return _REASONS.get(self._code, ("crashed", f"exit code {self._code}"))
