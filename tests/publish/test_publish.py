from pathlib import Path

from tests.publish.github_double import TOKEN, GitHubDouble
from tests.publish.stage import BRANCH, NAME, TITLE, Stage

HEAD = f"someone:{BRANCH}"


def test_a_replication_becomes_one_commit_a_branch_and_a_pull_request(
    stage: Stage, github: GitHubDouble
) -> None:
    done = stage.publish()
    [pull] = github.pulls
    assert (done.outcome, done.url) == ("opened", pull["html_url"])
    assert (pull["title"], pull["head"], pull["base"]) == (TITLE, HEAD, "main")
    assert stage.there() == [done.commit]
    assert (
        stage.git("log", "-1", "--format=%an %ae %s", BRANCH) == f"A. User user@example.org {TITLE}"
    )
    changed = stage.git("diff", "--name-only", f"main..{BRANCH}").splitlines()
    on_disk = [path for path in stage.folder.rglob("*") if path.is_file() and path.name != ".lock"]
    assert changed == sorted(path.relative_to(stage.project).as_posix() for path in on_disk)
    for path in on_disk:
        name = path.relative_to(stage.project).as_posix()
        stored = stage.git("rev-parse", f"{BRANCH}:{name}")
        assert stored == stage.git("hash-object", "--no-filters", name)


def test_index_head_staged_changes_and_files_stay_as_they_were(
    stage: Stage,
    github: GitHubDouble,  # noqa: ARG001
) -> None:
    stage.put("README.md", "Edited, not staged.\n")
    stage.put("notes.md", "Staged.\n")
    stage.git("add", "notes.md", f"{NAME}/manifest.json")
    before = stage.own_state()
    stage.publish()
    assert stage.own_state() == before
    assert len(stage.there()) == 1
    assert stage.git("diff", "--cached", "--name-only").split() == [
        "notes.md",
        f"{NAME}/manifest.json",
    ]


def test_a_dry_run_says_each_step_and_leaves_nothing(stage: Stage, github: GitHubDouble) -> None:
    before, own = stage.git_state(), stage.own_state()
    done = stage.publish(dry_run=True)
    assert [step.name for step in done.steps] == [
        "base",
        "review",
        "commit",
        "push",
        "pull request",
    ]
    assert done.outcome == "dry run"
    assert (stage.git_state(), stage.own_state()) == (before, own)
    assert (stage.there(), github.calls) == ([], [])
    assert stage.publish(dry_run=True, patch=True).outcome == "dry run"
    assert (stage.git_state(), stage.own_state()) == (before, own)


def test_a_fork_is_pushed_to_and_named_as_the_head(stage: Stage, github: GitHubDouble) -> None:
    fork = stage.add_remote("mine", "a-user")
    done = stage.publish(fork="a-user")
    assert stage.there() == []
    assert stage.git("rev-parse", BRANCH, where=fork) == done.commit
    [pull] = github.pulls
    assert pull["head"] == f"a-user:{BRANCH}"
    assert f"https://github.com/a-user/harness/raw/{done.commit}/{NAME}/figures/" in pull["body"]


def test_a_branch_that_is_checked_out_is_pushed_and_not_moved_here(
    stage: Stage,
    github: GitHubDouble,  # noqa: ARG001
) -> None:
    stage.git("checkout", "-q", "-b", BRANCH)
    main, before = stage.git("rev-parse", "main"), stage.own_state()
    done = stage.publish()
    assert stage.own_state() == before
    assert stage.git("rev-parse", "HEAD") == main
    assert stage.there() == [done.commit]


def test_the_token_is_nowhere_in_what_is_written(
    stage: Stage, github: GitHubDouble, tmp_path: Path
) -> None:
    done = stage.publish()
    assert TOKEN not in done.model_dump_json()
    assert TOKEN not in github.pulls[0]["body"]
    for path in (tmp_path / "stage").rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
