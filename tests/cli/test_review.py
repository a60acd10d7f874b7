import json
from pathlib import Path
from typing import Any

import pytest

from tests.review.desk import NAME, Desk


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        return Desk.honest(tmp_path_factory.mktemp("desk") / "project")


@pytest.fixture
def desk(honest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy; the current folder is its root."""
    made = honest.copy(tmp_path / "project")
    monkeypatch.chdir(made.project)
    return made


def test_an_honest_folder_and_its_branch_pass(desk: Desk, cli: Any) -> None:
    for what in (NAME, "submission"):
        ended = cli("review", what)
        assert ended.code == 0, ended.out
        assert f"{NAME}: passes; 0 blockers" in ended.out
    assert not desk.canary.exists()


def test_blockers_end_with_exit_code_1_in_every_form(desk: Desk, cli: Any, tmp_path: Path) -> None:
    desk.replace(f"{NAME}/verdicts.json", '"not_replicated"', '"replicated"')
    desk.commit()
    ended = cli("review", "submission", "--json", "--markdown", str(tmp_path / "review.md"))
    assert ended.code == 1
    review = json.loads(ended.out)
    assert review["passes"] is False
    assert review["commit"] == desk.git("rev-parse", "submission").decode().strip()
    [blocker] = [each for each in review["findings"] if each["severity"] == "blocker"]
    assert (blocker["rule"], blocker["path"]) == ("verdict-differs", f"{NAME}/verdicts.json")
    assert blocker["line"] > 0
    assert "does not pass; 1 blocker" in (tmp_path / "review.md").read_text()
    ended = cli("review", NAME)
    assert ended.code == 1
    assert f"{NAME}/verdicts.json:{blocker['line']}" in ended.out


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no-such-branch", "is no branch or commit here"),
        ("papers", "not a folder replications/<paper>/<id>"),
        ("https://example.org/pull/1", "expected https://github.com/OWNER/NAME/pull/NUMBER"),
        ("main", "touches no folder replications/<paper>/<id>"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_cannot_be_reviewed_ends_with_exit_code_2(what: str, message: str, cli: Any) -> None:
    ended = cli("review", what, "--json")
    assert ended.code == 2
    assert message in json.loads(ended.out)["error"][0]


def test_a_pull_request_is_fetched_reviewed_and_forgotten(
    desk: Desk, cli: Any, tmp_path: Path
) -> None:
    server = tmp_path / "someone/harness.git"
    desk.git("init", "-q", "--bare", str(server))
    desk.git("remote", "add", "upstream", str(server))
    desk.git("push", "-q", "upstream", "main", "submission:refs/pull/7/head")
    desk.git("branch", "-D", "-q", "submission")
    before = desk.git("for-each-ref")
    ended = cli("review", "https://github.com/someone/harness/pull/7")
    assert ended.code == 0, ended.out
    assert desk.git("for-each-ref") == before
    assert not desk.canary.exists()
