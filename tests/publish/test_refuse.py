"""Whatever is refused leaves the repository, the remote and GitHub as they were."""

import re

import pytest

from harness.record import HarnessError
from tests.publish.github_double import GitHubDouble
from tests.publish.stage import BRANCH, NAME, Stage
from tests.publish.tampers import BLOCKED, UNREADY, Tamper


def refused(stage: Stage, github: GitHubDouble, **request: object) -> str:
    """The error's text, after making sure that nothing was written."""
    own, refs = stage.own_state(), stage.git("for-each-ref")
    there = stage.git("for-each-ref", where=stage.remote)
    with pytest.raises(HarnessError) as error:
        stage.publish(**request)
    assert (stage.own_state(), stage.git("for-each-ref")) == (own, refs)
    assert stage.git("for-each-ref", where=stage.remote) == there
    assert github.calls == []
    return str(error.value)


@pytest.mark.parametrize("tamper", UNREADY.values(), ids=UNREADY)
def test_what_is_not_ready_is_refused(stage: Stage, github: GitHubDouble, tamper: Tamper) -> None:
    tamper.do(stage)
    told = refused(stage, github).replace("\n", " ")
    assert re.search(tamper.message, told), told


@pytest.mark.parametrize("tamper", BLOCKED.values(), ids=BLOCKED)
def test_blockers_of_the_review_are_listed_with_their_places(
    stage: Stage, github: GitHubDouble, tamper: Tamper
) -> None:
    tamper.do(stage)
    first, *places = refused(stage, github).splitlines()
    assert "does not pass" in first
    assert any(line.startswith(f"{NAME}/{tamper.message}") for line in places), places
    assert "a1B2c3D4" not in str(places)


def test_a_branch_of_that_name_with_other_paths_is_left_alone(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.somebody_pushes("harness/verdict.py", "LIMIT = 0\n")
    assert "of the remote changes harness/verdict.py" in refused(stage, github)


def test_a_branch_here_with_other_paths_is_left_alone(stage: Stage, github: GitHubDouble) -> None:
    stage.git("checkout", "-q", "-b", BRANCH)
    stage.git("commit", "-q", "--allow-empty", "-m", "nothing")
    stage.put("README.md", "Mine.\n")
    stage.git("commit", "-q", "-m", "mine", "README.md")
    stage.git("checkout", "-q", "main")
    assert "of this repository changes README.md" in refused(stage, github)


def test_wrong_names_are_answered_with_those_there_are(stage: Stage, github: GitHubDouble) -> None:
    assert "did you mean 'main'? valid: main" in refused(stage, github, base="mian")
    assert "no remote lies with 'nobody'; there are origin (someone)" in refused(
        stage, github, fork="nobody"
    )
    assert "git remote add nobody https://github.com/nobody/harness.git" in refused(
        stage, github, fork="nobody"
    )


def test_a_folder_outside_of_git_is_refused(stage: Stage, github: GitHubDouble) -> None:
    (stage.project / ".git").rename(stage.root / "elsewhere")
    with pytest.raises(HarnessError, match="not in a git repository"):
        stage.publish()
    assert github.calls == []


def test_ignored_and_hidden_files_never_go_in(stage: Stage, github: GitHubDouble) -> None:
    stage.put(f"{NAME}/.secret", "hidden")
    stage.put(f"{NAME}/tables/half.csv.partial", "ignored")
    done = stage.publish()
    assert done.left_out == ("tables/half.csv.partial",)
    names = stage.git("ls-tree", "-r", "--name-only", BRANCH, NAME + "/")
    assert "report.md" in names
    assert not [name for name in (".secret", ".lock", "partial") if name in names]
    assert len(github.pulls) == 1
