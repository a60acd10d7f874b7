import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.publish.github_double import TOKEN, GitHubDouble, Turn, serving
from tests.publish.put_gh import put_gh
from tests.publish.stage import BRANCH, NAME, Stage


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patched.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        return Stage.build(tmp_path_factory.mktemp("stage") / "built")


@pytest.fixture
def stage(
    built: Stage,
    tmp_path: Path,
    harness_cache: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    for name in ("GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    put_gh(tmp_path / "bin", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    made = built.copy(tmp_path / "stage")
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture
def github(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:  # noqa: ARG001
    with serving() as double:
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_API_URL", double.address)
        yield double


def test_publishing_ends_with_the_address_of_the_pull_request(
    stage: Stage, github: GitHubDouble, cli: Any
) -> None:
    ended = cli("publish", NAME)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1] == "https://github.com/someone/harness/pull/1"
    assert f"push: {BRANCH} of origin stands at {stage.there()[0][:12]}" in ended.out
    again = cli("publish", NAME, "--json")
    told = json.loads(again.out)
    assert (told["outcome"], told["commit"]) == ("updated", stage.there()[0])
    assert TOKEN not in ended.out + ended.err + again.out + again.err
    assert len(github.pulls) == 1


def test_a_dry_run_says_that_nothing_was_written(
    stage: Stage, github: GitHubDouble, cli: Any
) -> None:
    before = stage.git_state()
    ended = cli("publish", NAME, "--dry-run")
    assert ended.code == 0
    assert "pull request: through GitHub's API with GITHUB_TOKEN: Activation Add" in ended.out
    assert "nothing was written" in ended.out
    assert (stage.git_state(), github.calls) == (before, [])


def test_without_token_and_gh_it_ends_with_the_files_to_send(stage: Stage, cli: Any) -> None:
    ended = cli("publish", NAME)
    assert ended.code == 0
    for name in ended.out.splitlines()[-2:]:
        assert name.startswith("runs/publish/actadd/")
        assert (stage.project / name).is_file()


def test_what_fails_elsewhere_ends_with_1_and_what_can_be_mended_with_2(
    stage: Stage, github: GitHubDouble, cli: Any
) -> None:
    github.script = [Turn("GET", 500), Turn("GET", 401)]
    ended = cli("publish", NAME, "--json")
    assert ended.code == 1
    assert "GitHub: status 500" in json.loads(ended.out)["error"][0]
    assert ended.err.startswith("failed: GitHub: status 500")
    ended = cli("publish", NAME, "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["error"][0].startswith("GITHUB_TOKEN: ")
    ended = cli("publish", NAME, "--remote", "orgin", "--json")
    assert ended.code == 2
    assert "did you mean 'origin'?" in json.loads(ended.out)["error"][0]
    assert len(stage.there()) == 1


def test_a_paper_is_published_by_its_folder(stage: Stage, github: GitHubDouble, cli: Any) -> None:
    ended = cli("publish", "papers/actadd", "--json")
    assert (ended.code, json.loads(ended.out)["outcome"]) == (0, "nothing")
    stage.forget_paper()
    ended = cli("publish", "papers/actadd")
    assert ended.code == 0, ended.err
    assert "review: paper spec frozen as" in ended.out
    assert ended.out.splitlines()[-1] == github.pulls[0]["html_url"]
    assert cli("publish", "papers/actad").code == 2
