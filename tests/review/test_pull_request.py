import subprocess
from pathlib import Path

import pytest

from harness.record import HarnessError
from harness.review.pull_request import PullRequest, fetched, parse_url

REQUEST = PullRequest("someone", "harness", 7)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of `someone/harness.git`, where main has gone on and request 7 waits."""
    server = tmp_path / "server/someone/harness.git"
    server.mkdir(parents=True)
    git(server, "init", "-q", "--bare", "-b", "main")
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "main")
    git(folder, "remote", "add", "upstream", str(server))
    git(folder, "push", "-q", "upstream", "main")
    for name, ref in (("request", "refs/pull/7/head"), ("later", "refs/heads/main")):
        made = git(folder, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", name)
        git(folder, "push", "-q", "upstream", f"{made}:{ref}")
    return folder


def state(folder: Path) -> tuple[str, bool]:
    """Refs but those of the remote, and whether a fetch left its mark."""
    return git(folder, "for-each-ref", "refs/heads", "refs/harness-review", "refs/pull"), (
        folder / ".git/FETCH_HEAD"
    ).exists()


def test_both_commits_are_there_inside_and_gone_outside(clone: Path, tmp_path: Path) -> None:
    hook = clone / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/canary'\n")
    hook.chmod(0o755)
    before = state(clone)
    with fetched(clone, REQUEST) as refs:
        assert git(clone, "log", "-1", "--format=%s", refs.head) == "request"
        assert git(clone, "log", "-1", "--format=%s", refs.base) == "later"
    assert not (tmp_path / "canary").exists()
    assert state(clone) == before


def test_the_refs_are_gone_after_an_error_too(clone: Path) -> None:
    before = state(clone)
    with pytest.raises(ValueError, match="planted"), fetched(clone, REQUEST):
        raise ValueError("planted")
    assert state(clone) == before


def test_a_request_that_is_not_there_is_an_error(clone: Path) -> None:
    with (
        pytest.raises(HarnessError, match="refs/pull/8/head from upstream: "),
        fetched(clone, REQUEST._replace(number=8)),
    ):
        raise AssertionError("nothing was fetched")


def test_a_token_in_an_address_is_not_shown(clone: Path) -> None:
    address = "https://user:t0ken@127.0.0.1:1/someone/harness.git"
    git(clone, "remote", "set-url", "upstream", address)
    with pytest.raises(HarnessError) as error, fetched(clone, REQUEST):
        raise AssertionError("nothing was fetched")
    assert "t0ken" not in str(error.value)


def test_a_folder_outside_of_git_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="not in a git repository"), fetched(tmp_path, REQUEST):
        raise AssertionError("nothing was fetched")


def test_addresses_of_pull_requests_are_read_and_others_refused() -> None:
    assert parse_url("https://github.com/someone/harness/pull/7") == REQUEST
    assert parse_url("https://github.com/someone/harness/pull/7/files") == REQUEST
    for url in (
        "http://github.com/someone/harness/pull/7",
        "https://github.com.evil.example/someone/harness/pull/7",
        "https://github.com/someone/harness/issues/7",
        "ext::sh -c x://",
        "https://github.com/some one/harness/pull/7",
    ):
        with pytest.raises(HarnessError, match="expected https://github"):
            parse_url(url)
