"""What a turn changes outside of its working tree is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.fence import Outside, Worktree
from tests.agents.fence.conftest import git

CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "code": (lambda p: (p / "harness/judge.py").write_text("x"), "harness/judge.py"),
    "untracked code": (lambda p: (p / "harness/new.py").write_text("x"), "harness/new.py"),
    "deletion": (lambda p: (p / "papers/a/paper.yaml").unlink(), "papers/a/paper.yaml"),
    "mode": (lambda p: (p / "harness/judge.py").chmod(0o777), "harness/judge.py"),
    "link": (lambda p: (p / "agents").symlink_to("/etc"), "agents"),
    "results": (
        lambda p: (p / "replications/a/one/measurements/m.jsonl").write_text("x"),
        "replications/a/one/measurements/m.jsonl",
    ),
    "configuration": (lambda p: git(p, "config", "core.pager", "sh"), ".git/config"),
    "hook": (lambda p: (p / ".git/hooks/post-commit").write_text("x"), ".git/hooks/post-commit"),
    "ignore file": (lambda p: (p / ".git/info/exclude").write_text("*"), ".git/info/exclude"),
    "branch": (lambda p: git(p, "branch", "planted"), "refs/heads/planted"),
    "head": (lambda p: (p / ".git/HEAD").write_text("ref: refs/heads/x\n"), ".git/HEAD"),
    "where a working tree belongs": (
        lambda p: (p / ".git/worktrees/tree/commondir").write_text("/tmp/evil"),
        ".git/worktrees/tree/commondir",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.usefixtures("tree")
def test_a_change_outside_is_named(project: Path, tmp_path: Path, name: str) -> None:
    change, named = CHANGES[name]
    file = tmp_path / "outside.json"
    Outside.of(project).dump(file)
    assert Outside.load(file).broken(project) == []
    change(project)
    assert Outside.load(file).broken(project) == [named]


def test_work_in_the_tree_and_other_trees_are_no_change_outside(
    project: Path, tree: Worktree, tmp_path: Path
) -> None:
    before = Outside.of(project)
    (tree.top / "harness/judge.py").write_text("x")
    tree.commit(["harness/judge.py"], "Change")
    Worktree.create(project, tmp_path / "another")
    (project / "harness/__pycache__").mkdir()
    (project / "harness/__pycache__/x.pyc").write_text("x")
    assert before.broken(project) == []
