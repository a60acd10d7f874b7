"""A cell: the place where an agent's commands run."""

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.isolation.environment import environment
from harness.isolation.finished import Finished, Middle
from harness.isolation.job import Job, Launch, Overdue
from harness.isolation.own_folder import make_own_folder
from harness.isolation.rungs import Rung
from harness.isolation.view import is_covered, places
from harness.isolation.wrapping import python, wrapped
from harness.record import HarnessError


@dataclass(frozen=True)
class Cell:
    """What commands in it see and may write. On rung `process` only variables and limits hold.

    On the others everything is read-only but `folder`, `home` and `also_writable`; /tmp and /run
    are empty and private to each command; other processes are out of sight; and no right of root's
    is left. Sockets of this machine's network can be reached unless `network` is false.
    """

    rung: Rung
    folder: Path
    """The working tree: commands run there and may write there."""
    home: Path
    """HOME; made where it is missing. TMPDIR lies in it."""
    also_writable: tuple[Path, ...] = ()
    also_readable: tuple[Path, ...] = ()
    """What is needed though it lies in /tmp, /run or a hidden folder, such as a project there."""
    hidden: tuple[Path, ...] = ()
    """Folders and files that look empty inside."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Beyond the allow-list."""
    network: bool = True
    processes: int = 2048
    """The most at one time. Not bounded for root on rung `process`."""
    file_bytes: int = 16 * 2**30
    """The most in one file."""
    open_files: int = 65_536
    memory_bytes: int | None = None
    """Address space of each process; programs that reserve much of it need `None`."""
    private_bytes: int | None = None
    """The most in each of /tmp, /run and /dev/shm, which are memory; `None`: half of it each."""

    def environment(self) -> dict[str, str]:
        """The variables of every command: the allow-list and `variables`."""
        return {**environment(self.home), **self.variables}

    def job(
        self,
        command: Sequence[str],
        *,
        deadline_seconds: float,
        variables: Mapping[str, str] | None = None,
        given: str | None = None,
    ) -> Job:
        """A command to be run in a `with` block; `given` is its input.

        Entering the block raises `HarnessError` where the command cannot be started.
        """
        return self._job(command, deadline_seconds, variables, given, is_together=False)

    def finish(
        self,
        command: Sequence[str],
        *,
        deadline_seconds: float,
        variables: Mapping[str, str] | None = None,
        given: str | None = None,
        most_characters: int = 40_000,
    ) -> Finished:
        """Run a command to its end or to the deadline. Raises `HarnessError` as `job` does."""
        kept = Middle(most_characters)
        with self._job(command, deadline_seconds, variables, given, is_together=True) as job:
            try:
                for text in job.texts():
                    kept.add(text)
                return Finished(job.wait(), kept.text, overdue=False)
            except Overdue:
                return Finished(job.kill(), kept.text, overdue=True)

    def _job(
        self,
        command: Sequence[str],
        deadline_seconds: float,
        variables: Mapping[str, str] | None,
        given: str | None,
        *,
        is_together: bool,
    ) -> Job:
        make_own_folder(self.home, "tmp")
        launch = Launch(
            argv=self._argv(command),
            name=command[0],
            environment={**self.environment(), **(variables or {})},
            mark=secrets.token_hex(8),
            deadline_seconds=deadline_seconds,
            given=given,
            is_together=is_together,
        )
        return Job(launch)

    def _argv(self, command: Sequence[str]) -> Callable[[int, int], list[str]]:
        laid = places(
            hidden=self.hidden,
            readable=self.also_readable,
            writable=(self.folder, self.home, *self.also_writable),
        )
        program = Path(command[0])
        if self.rung != "process" and program.is_absolute() and is_covered(program, laid):
            raise HarnessError(
                f"{program}: a cell does not see it, for it lies in /tmp, /run or a hidden folder; "
                "move it elsewhere, or name its folder in the cell's also_readable"
            )
        settings = {
            "folder": os.fspath(self.folder.resolve()),
            "limits": {
                "processes": self.processes,
                "file_bytes": self.file_bytes,
                "open_files": self.open_files,
                "memory_bytes": self.memory_bytes,
            },
        }

        def argv(told: int, alive: int) -> list[str]:
            known = json.dumps({**settings, "told": told, "alive": alive})
            inner = [*python("first_process.py"), known, *command]
            return wrapped(
                self.rung, inner, laid, network=self.network, private_bytes=self.private_bytes
            )

        return argv
