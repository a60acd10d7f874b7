"""A project for each test, copied from one that is built once."""

from pathlib import Path

import pytest

from tests.agents.replicate.project import Project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.build(tmp_path_factory.mktemp("agent"))


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    return built.copy(tmp_path / "copy")
