import pytest

from harness.publish import RemoteError
from harness.record import HarnessError
from tests.publish.stage import BRANCH, NAME, TITLE, Stage

FILES = (
    "runs/publish/actadd/smollm2-135m-instruct/PR.md",
    "runs/publish/actadd/smollm2-135m-instruct/smollm2-135m-instruct.patch",
)


def applied(stage: Stage) -> str:
    """The tree after `git am` on a fresh clone of main."""
    clone = stage.root / "clone"
    stage.git("clone", "-q", str(stage.remote), str(clone))
    who = ("-c", "user.name=B. Maintainer", "-c", "user.email=b@example.org")
    stage.git(*who, "am", "-q", str(stage.project / FILES[1]), where=clone)
    assert stage.git("log", "-1", "--format=%an %s", where=clone) == f"A. User {TITLE}"
    return stage.git("rev-parse", "HEAD^{tree}", where=clone)


def test_without_a_way_to_github_the_branch_is_pushed_and_files_are_written(stage: Stage) -> None:
    done = stage.publish()
    assert (done.outcome, done.files, done.url) == ("files", FILES, None)
    assert stage.there() == [done.commit]
    assert applied(stage) == stage.git("rev-parse", f"{BRANCH}^{{tree}}")
    assert (stage.project / FILES[0]).read_text().startswith(f"# {TITLE}\n\n**2 of 6")


def test_a_patch_of_an_edited_replication_applies_to_main_as_one_commit(stage: Stage) -> None:
    stage.publish(patch=True)
    stage.edit()
    for setting in ("diff.noprefix", "format.attach", "format.signOff", "diff.mnemonicPrefix"):
        stage.git("config", setting, "true")
    done = stage.publish(patch=True)
    assert len(stage.git("rev-list", f"main..{BRANCH}").split()) == 2
    assert stage.there() == []
    assert [step.name for step in done.steps][-2:] == ["commit", "pull request"]
    assert applied(stage) == stage.git("rev-parse", f"{BRANCH}^{{tree}}")


def test_a_patch_needs_no_right_to_push(stage: Stage) -> None:
    stage.hook("pre-receive", "exit 1")
    with pytest.raises(RemoteError, match="--patch writes files to send"):
        stage.publish()
    assert stage.publish(patch=True).files == FILES


def test_line_ends_and_filters_of_the_user_do_not_change_the_bytes(stage: Stage) -> None:
    stage.git("config", "core.autocrlf", "true")
    stage.git("config", "filter.shout.clean", "tr a-z A-Z")
    (stage.project / ".git/info").mkdir(exist_ok=True)
    (stage.project / ".git/info/attributes").write_text("*.md filter=shout\n")
    stage.publish()
    stored = stage.git("cat-file", "blob", f"{BRANCH}:{NAME}/report.md")
    assert stored == (stage.folder / "report.md").read_text().strip()


@pytest.mark.parametrize("link", ["runs", "runs/publish", "runs/publish/actadd"])
def test_files_are_not_written_through_a_link(stage: Stage, link: str) -> None:
    place = stage.project / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(stage.project / "papers/actadd", target_is_directory=True)
    before = stage.own_state()
    with pytest.raises(HarnessError, match=f"{link}: a link"):
        stage.publish(patch=True)
    assert stage.own_state() == before
    place.unlink()
    assert stage.publish(patch=True).files == FILES
