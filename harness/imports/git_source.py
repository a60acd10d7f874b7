"""Somebody's repository on disk, read through git at its commit: nothing of it is executed.

Files come from git's objects, never from the working tree, so that links lead nowhere and content
is what the commit says.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.experiments.imported.result_file import MOST_BYTES
from harness.record import HarnessError

_ADDRESS = re.compile(r"(?:https://|git@|ssh://git@)github\.com[:/]([\w-]+)/([\w.-]+?)(?:\.git)?/?")
_PLAIN = ("100644", "100755")
SECONDS = 60


@dataclass(frozen=True)
class GitSource:
    """A commit of a repository."""

    git_dir: Path
    repository: str
    """`https://github.com/OWNER/NAME`."""
    commit: str
    sizes: dict[str, int]
    """Bytes of every plain file, by path."""

    @classmethod
    def open(cls, path: Path, repository: str | None = None) -> "GitSource":
        """A checkout or a git directory.

        Raises `HarnessError` where it is neither, has no commit, or names no repository on GitHub.
        """
        git_dir = _git_dir(path)
        commit = _git(git_dir, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
        return cls(git_dir, _address(git_dir, repository), commit, _sizes(git_dir, commit))

    def read(self, path: str) -> bytes:
        """A file's content. Raises `HarnessError` where there is none or it is too large."""
        if path not in self.sizes:
            raise HarnessError(f"{self.repository} at {self.commit[:7]}: no plain file {path}")
        if self.sizes[path] > MOST_BYTES:
            size = self.sizes[path]
            raise HarnessError(f"{path}: {size:,} bytes; at most {MOST_BYTES:,} are read")
        return _git(self.git_dir, "cat-file", "blob", f"{self.commit}:{path}")


def _git_dir(path: Path) -> Path:
    for candidate in (path / ".git", path):
        if (candidate / "objects").is_dir() and (candidate / "HEAD").is_file():
            return candidate
    raise HarnessError(
        f"{path}: neither a git checkout nor a git directory; looked for .git/objects and objects"
    )


def _address(git_dir: Path, given: str | None) -> str:
    address = given
    if address is None:
        asked = ("config", "--file", str(git_dir / "config"), "--get", "remote.origin.url")
        address = _git(git_dir, *asked, may_fail=True).decode(errors="replace").strip()
    matched = _ADDRESS.fullmatch(address)
    if matched is None:
        origin = "--repository" if given is not None else "its remote origin"
        raise HarnessError(
            f"{origin} is {address or 'not set'}; give --repository https://github.com/OWNER/NAME, "
            "where others find the same files"
        )
    return f"https://github.com/{matched[1]}/{matched[2]}"


def _sizes(git_dir: Path, commit: str) -> dict[str, int]:
    listed = _git(git_dir, "ls-tree", "-r", "-l", "-z", commit).decode(errors="surrogateescape")
    sizes: dict[str, int] = {}
    for line in filter(None, listed.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, _, size = about.split()
        if mode in _PLAIN and size.isdecimal():
            sizes[path] = int(size)
    return sizes


def _git(git_dir: Path, *arguments: str, may_fail: bool = False) -> bytes:
    """Output of a command that only reads objects; absent ones are not fetched."""
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", f"--git-dir={git_dir}", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HarnessError(f"git {arguments[0]}: {error}") from error
    if done.returncode != 0 and not may_fail:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise HarnessError(f"{git_dir}: git {arguments[0]} failed: {''.join(said)}")
    return done.stdout
