"""Pull requests through GitHub's own command line, `gh`, for who is signed in there."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.publish.address import Address
from harness.publish.failure import RemoteError, said
from harness.publish.proposal import Opened, Proposal

_SECONDS = 120
_URL = r"^https?://[\x21-\x7e]+$"


class _Owner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    login: str


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    url: str = Field(pattern=_URL)
    headRepositoryOwner: _Owner


def find_gh() -> str | None:
    """The program's path, where it is installed."""
    return shutil.which("gh")


def is_signed_in(program: str, host: str) -> bool:
    """Whether it knows who asks."""
    return _run(program, "auth", "status", "--hostname", host).returncode == 0


@dataclass(frozen=True)
class Gh:
    """The program at a path, for one repository."""

    program: str
    repository: Address

    @property
    def way(self) -> str:
        """As a sentence names it."""
        return "gh"

    def propose(self, proposal: Proposal) -> Opened:
        """Open the pull request, or write the one that is open already anew.

        Raises `RemoteError` where the program fails.
        """
        found = self._find(proposal)
        with TemporaryDirectory(prefix="proposal-") as scratch:
            text = Path(scratch) / "body.md"
            text.write_text(proposal.body, encoding="utf-8")
            what = (f"--title={proposal.title}", f"--body-file={text}")
            if found is not None:
                self._ask("edit", str(found.number), *what)
                return Opened(found.url, "updated")
            where = (f"--base={proposal.base}", f"--head={self._head(proposal)}")
            told = self._ask("create", *where, *what)
        return Opened(_last_url(told), "opened")

    def _head(self, proposal: Proposal) -> str:
        """Only a fork's branch is named with its owner."""
        own = proposal.owner == self.repository.owner
        return proposal.branch if own else proposal.head

    def _find(self, proposal: Proposal) -> _Listed | None:
        told = self._ask(
            "list",
            f"--head={proposal.branch}",
            f"--base={proposal.base}",
            "--state=open",
            "--json=number,url,headRepositoryOwner",
        )
        try:
            listed = TypeAdapter(list[_Listed]).validate_json(told)
        except ValidationError as error:
            raise RemoteError("gh pr list: an answer of another form") from error
        return next((x for x in listed if x.headRepositoryOwner.login == proposal.owner), None)

    def _ask(self, what: str, *arguments: str) -> str:
        where = f"--repo={self.repository.host}/{self.repository.path}"
        done = _run(self.program, "pr", what, *arguments, where)
        if done.returncode != 0:
            raise RemoteError(f"gh pr {what}: {said(done.stderr)}")
        return done.stdout


def _run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    quiet = {**os.environ, "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1", "GH_NO_UPDATE_NOTIFIER": "1"}
    try:
        return subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_SECONDS,
            env=quiet,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RemoteError(f"gh {arguments[0]}: {type(error).__name__}") from error


def _last_url(told: str) -> str:
    lines = [line for line in told.split() if line.startswith("https://")]
    if not lines:
        raise RemoteError("gh pr create: it names no pull request")
    return "".join(char for char in lines[-1] if char.isprintable())
