import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.manifest import PACKAGES, Manifest


@pytest.fixture
def repository(project: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as a git repository with one commit."""
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "nobody")
        monkeypatch.setenv(f"{name}_EMAIL", "nobody@example.org")
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "planted"]):
        subprocess.run(["git", *command], cwd=project.root, check=True)
    return project.root


def test_a_clean_tree_is_named_by_its_commit(repository: Path, project: Any) -> None:
    manifest = Manifest.now(project.folder, {})
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True)
    assert manifest.commit == head.strip()
    assert manifest.dirty is False


@pytest.mark.usefixtures("repository")
def test_a_changed_paper_makes_the_tree_dirty_and_rows_of_the_replication_do_not(
    project: Any,
) -> None:
    (project.folder / "measurements").mkdir()
    (project.folder / "measurements/x.jsonl").write_text("{}\n")
    assert Manifest.now(project.folder, {}).dirty is False
    project.edit("limit: 0.6", "limit: 0.7", paper=True)
    assert Manifest.now(project.folder, {}).dirty is True


def test_outside_of_git_commit_and_dirt_are_unknown_not_clean(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.root.parent))
    manifest = Manifest.now(project.folder, {})
    assert (manifest.commit, manifest.dirty) == (None, None)


def test_without_git_installed_a_manifest_is_written_all_the_same(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    assert Manifest.now(project.folder, {}).commit is None


def test_packages_that_are_missing_are_left_out(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.manifest.PACKAGES", ("torch", "no-such-package"))
    assert list(Manifest.now(project.folder, {}).packages) == ["torch"]
    assert "torch" in PACKAGES


def test_a_manifest_of_the_machine_tells_nothing_of_its_owner(project: Any) -> None:
    text = Manifest.now(project.folder, {}).model_dump_json()
    assert str(Path.home()) not in text
    assert str(project.root) not in text
    assert Path.home().name not in ("", text)


def test_a_manifest_comes_back_from_disk_as_it_was(project: Any, tmp_path: Path) -> None:
    manifest = Manifest.now(project.folder, {})
    manifest.dump(tmp_path / "manifest.json")
    assert Manifest.load(tmp_path / "manifest.json") == manifest
    assert (manifest.models, manifest.data) == ({}, {})
