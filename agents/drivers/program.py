"""A coding agent's own program: where it is, which version, and what of the disk it needs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from harness.record import HarnessError
from harness.untrusted import tail

_VERSION_SECONDS = 30.0
_LONGEST_VERSION = 200


class Program(NamedTuple):
    """A program that npm installs."""

    name: str
    """On PATH."""
    variable: str
    """Of the environment, which names another one by its path."""
    package: str
    """npm's."""

    @property
    def path(self) -> Path:
        """The file itself, whatever links lead to it. Raises `HarnessError` where there is none."""
        named = os.environ.get(self.variable)
        found = shutil.which(Path(named).expanduser() if named else self.name)
        if found is not None:
            return Path(found).resolve()
        how = f"install it with `npm install -g {self.package}`, or name it in {self.variable}"
        if named:
            raise HarnessError(f"{self.variable}: {named} is no program that can be run; {how}")
        raise HarnessError(f"{self.name}: not on PATH; {how}")

    def version(self) -> str:
        """As the program tells it. Raises `HarnessError` where it cannot be run."""
        environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        try:
            done = subprocess.run(
                [self.path, "--version"],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=_VERSION_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise HarnessError(f"{self.name}: `{self.path} --version` failed: {error}") from error
        return tail(done.stdout.decode(errors="replace"), _LONGEST_VERSION)


def installed_in(program: Path) -> Path:
    """The folder that a program needs to be seen whole: of npm's, all packages beside its own."""
    outermost = [each for each in program.parents if each.name == "node_modules"]
    return outermost[-1] if outermost else program.parent
