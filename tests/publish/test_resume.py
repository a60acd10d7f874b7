import pytest

from harness.publish import RemoteError
from harness.record import HarnessError
from tests.publish.github_double import TOKEN, GitHubDouble, Turn
from tests.publish.stage import BRANCH, TITLE, Stage


def test_again_makes_no_second_commit_and_writes_the_pull_request_anew(
    stage: Stage, github: GitHubDouble
) -> None:
    first = stage.publish()
    github.pulls[0]["title"] = "changed by somebody"
    second = stage.publish()
    assert (second.outcome, second.url) == ("updated", first.url)
    assert stage.there() == [first.commit] == [second.commit]
    assert [pull["title"] for pull in github.pulls] == [TITLE]


def test_an_edited_replication_is_a_second_commit_on_top(
    stage: Stage, github: GitHubDouble
) -> None:
    first = stage.publish()
    stage.edit("a much better reason")
    second = stage.publish()
    assert second.outcome == "updated"
    assert stage.there() == [second.commit, first.commit]
    [pull] = github.pulls
    assert "a much better reason" in pull["body"]


def test_what_the_base_holds_exactly_is_not_published(stage: Stage, github: GitHubDouble) -> None:
    stage.publish()
    stage.git("push", "-q", "origin", f"{BRANCH}:main")
    github.calls.clear()
    done = stage.publish()
    assert (done.outcome, done.commit, done.url) == ("nothing", None, None)
    assert github.calls == []
    stage.edit()
    assert stage.publish().outcome == "updated"
    assert len(stage.there()) == 1


def test_a_refused_token_leaves_a_pushed_branch_and_the_command_goes_on(
    stage: Stage, github: GitHubDouble
) -> None:
    github.script = [Turn("GET", 401, message=f"Bad credentials {TOKEN}")]
    with pytest.raises(HarnessError, match=r"GITHUB_TOKEN.*Pull requests.*is pushed") as refused:
        stage.publish()
    assert TOKEN not in str(refused.value)
    [pushed] = stage.there()
    done = stage.publish()
    assert (done.outcome, done.commit) == ("opened", pushed)


def test_an_answer_that_breaks_off_is_found_by_the_next_run(
    stage: Stage, github: GitHubDouble
) -> None:
    github.script = [Turn("POST", cut=True)]
    with pytest.raises(RemoteError, match=r"does not answer.*is pushed"):
        stage.publish()
    assert stage.publish().outcome == "updated"
    assert len(github.pulls) == len(stage.there()) == 1
