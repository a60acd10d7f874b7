from pathlib import Path
from typing import Any

import pytest

from harness.project import find_project, resolve_root
from harness.record import HarnessError

CHECKOUT = Path(__file__).parents[1]


def test_the_project_is_found_from_any_folder_below(project: Any) -> None:
    assert find_project(project.folder) == project.root.resolve()
    assert find_project(project.root) == project.root.resolve()


def test_outside_of_every_project_the_installed_checkout_is_taken(tmp_path: Path) -> None:
    assert find_project(tmp_path) == CHECKOUT


def test_without_any_project_the_error_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.project.__file__", str(tmp_path / "site/harness/project.py"))
    with pytest.raises(HarnessError, match="no folder papers/ here or above"):
        find_project(tmp_path)


def test_a_replication_is_named_from_here_or_from_the_projects_folder(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "papers")
    assert resolve_root(Path("replications/tiny-truth/tiny")) == project.folder
    monkeypatch.chdir(project.folder)
    assert resolve_root(Path()).resolve() == project.folder
