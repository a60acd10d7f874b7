import os
from pathlib import Path

import pytest

from harness.publish import RemoteError
from harness.publish.address import Address
from harness.publish.gh import Gh, find_gh, is_signed_in
from harness.publish.proposal import Proposal
from tests.publish.put_gh import put_gh
from tests.publish.stage import BRANCH, TITLE, Stage

URL = "https://github.com/someone/harness/pull/9"
SCRIPT = """\
folder=$(dirname "$0")
printf '%s\\n' "$@" "--" >> "$folder/log"
case "$1 $2" in
  "auth status") exit 0 ;;
  "pr list") cat "$folder/list" ;;
  "pr create") echo 'Creating pull request'; echo "{url}" ;;
  "pr edit") echo "{url}" ;;
  *) exit 64 ;;
esac
for each in "$@"; do
  case "$each" in --body-file=*) cp "${{each#--body-file=}}" "$folder/body" ;; esac
done
"""
PROPOSAL = Proposal("A `title` $(x)", "A body.", "main", "someone", "replication/a/b")


@pytest.fixture
def folder(tmp_path: Path, quiet: None) -> Path:  # noqa: ARG001
    """Where the program lies, signed in, with no pull request to list."""
    put_gh(tmp_path / "bin", SCRIPT.format(url=URL))
    (tmp_path / "bin/list").write_text("[]")
    return tmp_path / "bin"


def calls(folder: Path) -> list[list[str]]:
    return [call.splitlines() for call in (folder / "log").read_text().split("--\n") if call]


def listed(owner: str) -> str:
    return f'[{{"number": 9, "url": "{URL}", "headRepositoryOwner": {{"login": "{owner}"}}}}]'


def at(folder: Path) -> Gh:
    return Gh(str(folder / "gh"), Address("github.com", "someone", "harness"))


def test_who_is_signed_in_opens_a_pull_request_without_a_token(stage: Stage, folder: Path) -> None:
    done = stage.publish()
    assert (done.outcome, done.url) == ("opened", URL)
    created = calls(folder)[-1]
    assert created[:2] == ["pr", "create"]
    assert {f"--title={TITLE}", "--base=main", f"--head={BRANCH}"} <= set(created)
    assert "--repo=github.com/someone/harness" in created
    assert (folder / "body").read_text().startswith("**2 of 6 judged claims replicated")


def test_one_that_is_open_is_edited(folder: Path) -> None:
    (folder / "list").write_text(listed("someone"))
    assert at(folder).propose(PROPOSAL) == (URL, "updated")
    assert calls(folder)[-1][:3] == ["pr", "edit", "9"]
    assert f"--title={PROPOSAL.title}" in calls(folder)[-1]


def test_one_of_another_owner_is_not_ours(folder: Path) -> None:
    (folder / "list").write_text(listed("someone"))
    opened = at(folder).propose(PROPOSAL._replace(owner="a-user"))
    assert opened.outcome == "opened"
    assert "--head=a-user:replication/a/b" in calls(folder)[-1]


@pytest.mark.parametrize("answer", ["", "[{}]", "{", '[{"number": 1, "url": "x y"}]'])
def test_an_answer_of_another_form_is_an_error(folder: Path, answer: str) -> None:
    (folder / "list").write_text(answer)
    with pytest.raises(RemoteError, match="gh pr list: an answer of another form"):
        at(folder).propose(PROPOSAL)


def test_what_gh_says_is_shown_without_a_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "gho_planted")
    put_gh(folder, "echo 'error: no scope for gho_planted' >&2; exit 4")
    with pytest.raises(RemoteError, match=r"gh pr list: error: no scope for \(GH_TOKEN\)"):
        at(folder).propose(PROPOSAL)


def test_a_program_that_is_not_signed_in_is_passed_over(folder: Path) -> None:
    program = find_gh()
    assert program == os.fspath(folder / "gh")
    assert is_signed_in(program, "github.com")
    put_gh(folder, "exit 1")
    assert not is_signed_in(program, "github.com")
