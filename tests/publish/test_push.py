import pytest

from harness.publish import RemoteError
from tests.publish.github_double import GitHubDouble
from tests.publish.stage import BRANCH, NAME, Stage

CUT = "kill -9 $PPID"
"""A hook that ends the program on the other side in the middle of the push."""


def test_a_push_that_is_cut_leaves_the_branch_here_and_the_command_goes_on(
    stage: Stage, github: GitHubDouble
) -> None:
    hook = stage.hook("pre-receive", CUT)
    with pytest.raises(RemoteError, match=r"broke off.*stands here: the same command goes on"):
        stage.publish()
    here = stage.git("rev-parse", BRANCH)
    assert (stage.there(), github.calls) == ([], [])
    hook.unlink()
    done = stage.publish()
    assert (done.outcome, done.commit, stage.there()) == ("opened", here, [here])


def test_a_push_that_is_cut_after_it_took_effect_is_not_made_twice(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.hook("post-update", CUT)
    try:
        stage.publish()
    except RemoteError:
        assert github.calls == []
    [there] = stage.there()
    assert stage.publish().commit == there
    assert stage.there() == [there]


def test_a_refusal_of_the_remote_says_what_else_can_be_done(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.hook("pre-receive", "echo 'no right to write' >&2; exit 1")
    with pytest.raises(
        RemoteError, match=r"hook declined.; remote: no right to wr.*--fork OWNER.*--patch"
    ):
        stage.publish()
    assert github.calls == []


def test_a_branch_that_moved_on_is_built_upon(stage: Stage, github: GitHubDouble) -> None:
    theirs = stage.somebody_pushes(f"{NAME}/notes.txt", "first\n")
    done = stage.publish()
    assert stage.there() == [done.commit, theirs]
    assert "notes.txt" not in stage.git("ls-tree", "-r", "--name-only", BRANCH)
    assert len(github.pulls) == 1


RACES = {
    "pre-push": "true",  # after we asked where the branch stands: its lock tells
    "reference-transaction": f'[ "$1" = committed ] && grep -q refs/heads/{BRANCH}',  # before
}
"""Our hooks, and when each lets somebody else's commit arrive."""


def racing(stage: Stage, hook: str, times: int) -> None:
    """At each of our pushes, up to so many times, somebody else's arrives first."""
    theirs = [stage.somebody_pushes(f"{NAME}/notes.txt", f"{place}\n") for place in range(times)]
    for place, commit in enumerate(theirs):
        stage.git("update-ref", f"refs/spare/{place}", commit, where=stage.remote)
    stage.git("update-ref", "-d", f"refs/heads/{BRANCH}", where=stage.remote)
    hooks = stage.project / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    script = (
        f"#!/bin/sh\nif {RACES[hook]}; then\n"
        f"unset GIT_DIR GIT_INDEX_FILE\ncd {stage.remote}\n"
        "n=$(cat racing 2>/dev/null || echo 0)\n"
        f"if [ $n -lt {times} ]; then git update-ref refs/heads/{BRANCH} refs/spare/$n; fi\n"
        "echo $((n + 1)) > racing\nfi\n"
    )
    (hooks / hook).write_text(script)
    (hooks / hook).chmod(0o755)


@pytest.mark.parametrize("hook", RACES)
def test_a_push_that_somebody_overtakes_is_built_on_theirs_once(
    stage: Stage, github: GitHubDouble, hook: str
) -> None:
    stage.git("config", "receive.denyNonFastForwards", "true", where=stage.remote)
    log = stage.remote / "updates"
    stage.hook("update", f'echo "$2 $3" >> {log}')
    racing(stage, hook, 1)
    done = stage.publish()
    assert done.commit is not None
    theirs = stage.git("rev-parse", "refs/spare/0", where=stage.remote)
    assert stage.there() == [done.commit, theirs]
    assert log.read_text().splitlines()[-1] == f"{theirs} {done.commit}"
    assert len(github.pulls) == 1
    assert stage.git("rev-parse", BRANCH) == done.commit


@pytest.mark.parametrize("hook", RACES)
def test_a_push_that_is_overtaken_twice_is_an_error_and_never_forced(
    stage: Stage, github: GitHubDouble, hook: str
) -> None:
    racing(stage, hook, 2)
    with pytest.raises(RemoteError, match=r"pushed to by others just now.*goes on"):
        stage.publish()
    assert stage.there()[0] == stage.git("rev-parse", "refs/spare/1", where=stage.remote)
    assert github.calls == []


def test_a_remote_that_cannot_be_reached_is_named_without_its_password(stage: Stage) -> None:
    stage.git("remote", "set-url", "origin", "http://user:hunter2@127.0.0.1:9/a/b.git")
    with pytest.raises(RemoteError, match="origin: cannot be reached") as error:
        stage.publish()
    assert "hunter2" not in str(error.value)
