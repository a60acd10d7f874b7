"""A working tree is made, found again, committed from and removed, and runs nothing planted."""

import os
from pathlib import Path

import pytest

from agents.fence import Worktree
from harness.record import HarnessError
from tests.agents.fence.conftest import git, listing


def test_it_stands_on_the_commit_and_on_no_branch(project: Path, tree: Worktree) -> None:
    assert tree.base == tree.head == git(project, "rev-parse", "main")
    assert git(tree.top, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert git(tree.top, "status", "--porcelain") == ""
    assert (tree.top / "harness/judge.py").read_text() == "LIMIT = 0.5\n"


def test_it_is_found_again_as_it_was_left(project: Path, tree: Worktree) -> None:
    (tree.top / "papers/b.yaml").write_text("b")
    commit = tree.commit(["papers/b.yaml"], "Add b")
    (project / "later").write_text("x")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Later")
    again = Worktree.create(project, tree.top)
    assert again == tree
    assert again.head == commit != again.base


def test_one_that_was_left_unfinished_is_made_anew(project: Path, tree: Worktree) -> None:
    git(tree.top, "update-ref", "-d", "refs/worktree/harness-base")
    (tree.top / "harness/judge.py").unlink()
    again = Worktree.create(project, tree.top)
    assert again.base == tree.base
    assert (again.top / "harness/judge.py").exists()


def test_what_cannot_be_made_is_told(project: Path, tmp_path: Path, tree: Worktree) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(HarnessError, match="not in a git repository"):
        Worktree.create(tmp_path / "plain", tmp_path / "t")
    with pytest.raises(HarnessError, match="must be the top"):
        Worktree.create(project / "papers", tmp_path / "t")
    with pytest.raises(HarnessError, match="no-such-commit: no commit of"):
        Worktree.create(project, tmp_path / "t", commit="no-such-commit")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("x")
    with pytest.raises(HarnessError, match="not empty"):
        Worktree.create(project, tmp_path / "full")
    (tree.top / ".git").unlink()
    with pytest.raises(HarnessError, match="gone"):
        Worktree.create(project, tree.top)


def test_a_commit_holds_the_named_paths_alone(project: Path, tree: Worktree) -> None:
    (tree.top / "papers/b").mkdir()
    (tree.top / "papers/b/paper.yaml").write_text("id: b\n")
    (tree.top / "papers/b/check.sh").write_text("#!/bin/sh\n")
    (tree.top / "papers/b/check.sh").chmod(0o755)
    (tree.top / "replications/a/two/replication.yaml").unlink()
    (tree.top / "harness/judge.py").write_text("not to be committed\n")
    commit = tree.commit(["papers/b", "replications/a/two/"], "Add b\n\nWith care.")
    assert commit == tree.head
    assert git(tree.top, "show", "--format=%an <%ae>%n%B", "--name-status", commit).split("\n") == [
        "A Person <person@example.org>",
        *("Add b", "", "With care.", "", ""),
        *("A\tpapers/b/check.sh", "A\tpapers/b/paper.yaml"),
        "D\treplications/a/two/replication.yaml",
    ]
    assert git(tree.top, "ls-tree", commit, "papers/b/check.sh").startswith("100755")
    assert git(tree.top, "rev-parse", f"{commit}^") == tree.base
    assert git(tree.top, "status", "--porcelain") == "M harness/judge.py"
    assert git(project, "rev-parse", "main") == tree.base
    assert git(project, "status", "--porcelain") == ""
    assert tree.commit(["papers/b", "replications/a/two/"], "Again") == commit


def test_an_author_can_be_given_and_must_be_known(project: Path, tree: Worktree) -> None:
    (tree.top / "new").write_text("x")
    git(project, "config", "user.useConfigOnly", "true")
    git(project, "config", "--unset", "user.email")
    with pytest.raises(HarnessError, match="commit-tree"):
        tree.commit(["new"], "Add")
    commit = tree.commit(["new"], "Add", author="A Bot <bot@example.org>")
    assert (
        git(tree.top, "log", "-1", "--format=%an %ae %cn", commit) == "A Bot bot@example.org A Bot"
    )


def test_a_link_is_not_committed(tree: Worktree, tmp_path: Path) -> None:
    (tree.top / "papers/l").symlink_to("/etc/passwd")
    (tmp_path / "away").mkdir()
    (tmp_path / "away/x").write_text("x")
    (tree.top / "way").symlink_to(tmp_path / "away")
    for path in ("papers/l", "papers", "way", "way/x"):
        with pytest.raises(HarnessError, match=r"link|not a plain file"):
            tree.commit([path], "Add")
    assert tree.head == tree.base


@pytest.fixture
def marker(project: Path, tmp_path: Path) -> Path:
    """Comes to be when any hook, filter or monitor of the project's repository runs."""
    marker = tmp_path / "marker"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    for name in ("post-checkout", "pre-commit", "post-commit", "reference-transaction"):
        (project / ".git/hooks").mkdir(exist_ok=True)
        (project / ".git/hooks" / name).symlink_to(program)
    git(project, "config", "filter.planted.clean", os.fspath(program))
    git(project, "config", "core.fsmonitor", os.fspath(program))
    return marker


def test_nothing_planted_runs(project: Path, marker: Path, tmp_path: Path) -> None:
    tree = Worktree.create(project, tmp_path / "tree")
    (tree.top / ".gitattributes").write_text("* filter=planted\n")
    (tree.top / "new").write_text("as it is\r\n")
    commit = tree.commit([".gitattributes", "new"], "Add")
    assert not marker.exists()
    assert git(project, "cat-file", "-p", f"{commit}:new") == "as it is"
    marker.unlink(missing_ok=True)
    git(tree.top, "add", "-A")
    assert marker.exists(), "the control: plain git runs it"


def test_the_trees_own_git_file_is_not_trusted(
    project: Path, tree: Worktree, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (tree.top / ".git").write_text(f"gitdir: {other}/.git\n")
    (tree.top / "new").write_text("x")
    before = listing(other)
    commit = tree.commit(["new"], "Add")
    assert listing(other) == before
    assert git(project, "cat-file", "-t", commit) == "commit"
    tree.remove()
    assert not tree.top.exists()
    assert listing(other) == before


def test_removing_leaves_the_project_as_it_was(project: Path, tmp_path: Path) -> None:
    before = listing(project)
    tree = Worktree.create(project, tmp_path / "tree")
    assert listing(project) != before
    tree.remove()
    assert not tree.top.exists()
    after = listing(project)
    assert {k: v for k, v in after.items() if k != ".git/worktrees"} == before
    assert Worktree.create(project, tmp_path / "tree").base == tree.base


def test_variables_of_a_hook_lead_nowhere_else(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", os.fspath(tmp_path / "nowhere/index"))
    assert Worktree.create(project, tmp_path / "tree").base
