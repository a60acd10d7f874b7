"""A stage, GitHub's double, and an environment without credentials and with a gh that fails."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.publish.github_double import TOKEN, GitHubDouble, serving
from tests.publish.put_gh import put_gh
from tests.publish.stage import Stage


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patched.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        return Stage.build(tmp_path_factory.mktemp("stage") / "built")


@pytest.fixture
def quiet(tmp_path: Path, harness_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Nobody's configuration or credentials."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("harness.publish.github.BACKOFF_SECONDS", 0.01)
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    for who in ("AUTHOR", "COMMITTER"):
        for what in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{who}_{what}", raising=False)
    put_gh(tmp_path / "bin", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def stage(built: Stage, tmp_path: Path, quiet: None, monkeypatch: pytest.MonkeyPatch) -> Stage:  # noqa: ARG001
    """A copy; the current folder is the project's."""
    made = built.copy(tmp_path / "stage")
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture
def github(quiet: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:  # noqa: ARG001
    """The double, and the token in the environment."""
    with serving() as double:
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_API_URL", double.address)
        yield double
        assert double.tokens <= {f"Bearer {TOKEN}"}
