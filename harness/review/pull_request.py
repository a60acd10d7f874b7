"""A pull request's commits, fetched as data under a private name that is gone afterwards."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from git import GitCommandError, Repo

from harness.record import HarnessError
from harness.review.repository import find_repository

_URL = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)/pull/(\d{1,9})(?:/.*)?")
_SECONDS = 120
_QUIET = ("git", "-c", f"core.hooksPath={os.devnull}")
"""No hook runs."""


class PullRequest(NamedTuple):
    """Where a pull request lies."""

    owner: str
    name: str
    number: int


class Fetched(NamedTuple):
    """Private refs of a pull request's head, and of the branch that it is held against."""

    head: str
    base: str


def parse_url(url: str) -> PullRequest:
    """Raises `HarnessError` for what is no address of a pull request."""
    found = _URL.fullmatch(url)
    if found is None:
        raise HarnessError(f"{url}: expected https://github.com/OWNER/NAME/pull/NUMBER")
    return PullRequest(found[1], found[2], int(found[3]))


@contextmanager
def fetched(folder: Path, request: PullRequest, *, base: str = "main") -> Generator[Fetched]:
    """Both commits, from the remote of this repository with that path, or from GitHub.

    Nothing is checked out, no hook runs, and no submodule or tag comes along. Raises
    `HarnessError` where it cannot be fetched.
    """
    repository = find_repository(folder)
    if repository is None:
        raise HarnessError(f"{folder}: not in a git repository to fetch a pull request into")
    private = f"refs/harness-review/{os.getpid()}"
    refs = Fetched(f"{private}/head", f"{private}/base")
    wanted = (f"+refs/pull/{request.number}/head:{refs.head}", f"+refs/heads/{base}:{refs.base}")
    try:
        _fetch(repository, _source(repository, request), *wanted)
        yield refs
    finally:
        for ref in refs:
            repository.git.execute([*_QUIET, "update-ref", "-d", ref])


def _source(repository: Repo, request: PullRequest) -> str:
    """Name of the remote with that path, else the address at GitHub."""
    ending = re.compile(rf"[/:]{re.escape(request.owner)}/{re.escape(request.name)}(?:\.git)?/?$")
    for remote in repository.remotes:
        if any(ending.search(url) for url in remote.urls):
            return remote.name
    return f"https://github.com/{request.owner}/{request.name}.git"


def _fetch(repository: Repo, source: str, *refs: str) -> None:
    options = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc")
    command = [*_QUIET, "fetch", *options, "--", source, *refs]
    quiet = {"GIT_TERMINAL_PROMPT": "0"}
    try:
        repository.git.execute(command, env=quiet, kill_after_timeout=_SECONDS)
    except GitCommandError as error:
        told = error.stderr.strip().splitlines()[-1:] or ["git fetch failed"]
        shown = re.sub(r"//[^@/\s]*@", "//", told[0])  # An address may hold a token.
        raise HarnessError(f"{refs[0].split(':')[0][1:]} from {source}: {shown}") from error
