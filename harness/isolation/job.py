"""One command in a cell, from its start until nothing of it is left."""

import codecs
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Self

from harness.isolation.survivors import MARK, end_survivors, survivors
from harness.record import HarnessError

_START_SECONDS, _END_SECONDS, _JOIN_SECONDS = 90.0, 2.0, 5.0
_CHUNK = 65_536
_LONGEST_LINE = 4_194_304
_ERRORS_KEPT = 256
"""Chunks of the error output."""
_KILLED = 137


class Overdue(Exception):
    """The deadline came before the command's end; all of it has been killed."""


@dataclass(frozen=True)
class Launch:
    """What a job starts."""

    argv: Callable[[int, int], list[str]]
    """Given two file descriptors: where the first process tells how the start went, and what it
    watches for the harness's end."""
    name: str
    """The program, for errors."""
    environment: Mapping[str, str]
    mark: str
    """Value of `HARNESS_CELL` in the environment, of this job alone."""
    deadline_seconds: float
    given: str | None
    is_together: bool
    """Whether errors come among the output."""


class Job:
    """A running command. Leaving the `with` block kills whatever is left of it."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._errors: deque[str] = deque(maxlen=_ERRORS_KEPT)
        self._lock = threading.Lock()
        self._namespace = ""

    def __enter__(self) -> Self:
        """Start it. Raises `HarnessError` where that fails."""
        self._deadline = time.monotonic() + self._launch.deadline_seconds
        told, tell = os.pipe()
        alive, self._alive = os.pipe()
        try:
            self._process = self._popen(tell, alive)
        except OSError as error:
            self._close_alive()
            os.close(told)
            raise HarnessError(f"{self._launch.name}: cannot be started: {error}") from error
        finally:
            os.close(tell)
            os.close(alive)
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        try:
            self._require_started(told)
        except BaseException:
            self.__exit__()
            raise
        finally:
            os.close(told)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.kill()
        finally:
            self._reader.join(_JOIN_SECONDS)
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()

    def texts(self) -> Iterator[str]:
        """Output as it comes, in pieces of any length. Raises `Overdue` at the deadline."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        stream = self._output.fileno()
        poll = select.poll()
        poll.register(stream, select.POLLIN)
        while True:
            if not self._left() or not poll.poll(1000 * self._left()):
                self._be_overdue()
            chunk = os.read(stream, _CHUNK)
            yield decoder.decode(chunk, final=not chunk)
            if not chunk:
                return

    def lines(self) -> Iterator[str]:
        """Output line by line; one of over four million characters comes in pieces.

        Raises `Overdue` at the deadline.
        """
        rest = ""
        for text in self.texts():
            *whole, rest = (rest + text).split("\n")
            yield from whole
            if len(rest) > _LONGEST_LINE:
                yield rest
                rest = ""
        if rest:
            yield rest

    @property
    def errors(self) -> str:
        """The end of the error output so far."""
        return "".join(self._errors)

    def processes(self) -> list[int]:
        """Numbers of the processes that run in the cell, the first process among them."""
        return list(survivors(self._launch.mark, self._namespace))

    def wait(self) -> int:
        """Exit code once it has ended, 128 more than the signal's number where one ended it.

        Output that was not read is lost. Raises `Overdue` at the deadline.
        """
        for _ in self.texts():
            pass
        try:
            code = self._process.wait(self._left())
        except subprocess.TimeoutExpired:
            self._be_overdue()
            raise
        self._reader.join(_JOIN_SECONDS)
        return code if code >= 0 else 128 - code

    def kill(self) -> int:
        """End the command and all that it started; returns once nothing is left. Its exit code.

        Raises `RuntimeError` where a process outlives SIGKILL.
        """
        self._close_alive()
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            _kill_group(self._process.pid)
            code = self._process.wait()
        end_survivors(self._launch.mark, self._namespace)
        return code if code >= 0 else 128 - code

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _popen(self, tell: int, alive: int) -> subprocess.Popen[bytes]:
        with TemporaryFile() as given:
            given.write((self._launch.given or "").encode())
            given.seek(0)
            return subprocess.Popen(
                self._launch.argv(tell, alive),
                stdin=given if self._launch.given is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if self._launch.is_together else subprocess.PIPE,
                env={**self._launch.environment, MARK: self._launch.mark},
                cwd="/",
                pass_fds=(tell, alive),
                start_new_session=True,
            )

    def _require_started(self, told: int) -> None:
        """The first process tells in one line; where it never came to be, the errors tell why."""
        poll = select.poll()
        poll.register(told, select.POLLIN)
        line = os.read(told, _CHUNK) if poll.poll(1000 * _START_SECONDS) else b""
        if not line:
            self.kill()
            self._reader.join(_JOIN_SECONDS)
            said = self.errors or self._output.read(_CHUNK).decode(errors="replace")
            message = said.strip() or f"no start within {_START_SECONDS:.0f} s"
        else:
            answer: dict[str, str] = json.loads(line)
            if "error" not in answer:
                self._namespace = answer["namespace"]
                return
            message = answer["error"]
        raise HarnessError(f"{self._launch.name}: cannot be started in the cell: {message}")

    def _read_errors(self) -> None:
        if self._process.stderr is None:
            return
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := os.read(self._process.stderr.fileno(), _CHUNK):
            self._errors.append(decoder.decode(chunk))

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.0)

    def _be_overdue(self) -> None:
        self.kill()
        raise Overdue(f"{self._launch.name}: over {self._launch.deadline_seconds:g} s")

    def _close_alive(self) -> None:
        """Tell the first process to end everything; once, whichever thread comes first."""
        with self._lock:
            if self._alive >= 0:
                os.close(self._alive)
                self._alive = -1


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
