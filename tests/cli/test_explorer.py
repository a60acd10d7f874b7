import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.explorer.projects import ACTADD, copied
from tests.explorer.service import KEY, PAPER, Service, running

FOLDER = f"replications/{ACTADD}"
URL = "https://example.org/actadd"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one committed replication; the current folder is its root."""
    copied(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("NEURONPEDIA_API_KEY", raising=False)
    return tmp_path / "project"


@pytest.fixture
def service(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:  # noqa: ARG001
    with running(Service(PAPER)) as double:
        monkeypatch.setenv("NEURONPEDIA_URL", double.address)
        monkeypatch.setenv("NEURONPEDIA_API_KEY", KEY)
        yield double


def test_build_writes_the_site_and_says_where(here: Path, cli: Any) -> None:
    repository = "https://github.com/someone/somewhere"
    told = json.loads(cli("explorer", "build", "--repository", repository, "--json").out)
    assert (told["site"], told["papers"], told["skipped"]) == ("runs/site/index.html", 1, [])
    files = [path for path in (here / "runs/site").rglob("*") if path.is_file()]
    assert told["files"] == len(files) - 1
    assert (
        f'href="{repository}/tree/HEAD/{FOLDER}"'
        in (here / "runs/site/papers/actadd.html").read_text()
    )
    assert "site: runs/site/index.html" in cli("explorer", "build").out


def test_a_broken_replication_ends_with_two_or_is_told_and_left_out(here: Path, cli: Any) -> None:
    shutil.copytree(here / FOLDER, here / "replications/actadd/other")
    ended = cli("explorer", "build", "--json")
    assert ended.code == 2
    assert "replications/actadd/other" in json.loads(ended.out)["error"][0]
    assert not (here / "runs").exists()
    skipped = cli("explorer", "build", "--skip-broken", "--json")
    assert skipped.code == 0
    assert json.loads(skipped.out)["skipped"][0]["folder"] == "replications/actadd/other"
    assert "skipped: replications/actadd/other" in skipped.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--replications", "gone"], "gone: no such folder"),
        (["build", "--replications", "papers"], "no replication here"),
        (["build", "--repository", "javascript:alert(1)"], "no web address"),
        (["build", "--output", "papers"], "not of a site"),
        (["submit", FOLDER, "--url", "file:///etc/passwd"], "no web address"),
        (["submit", FOLDER, "--url", URL, "--yes"], "NEURONPEDIA_API_KEY: not set"),
    ],
)
def test_what_cannot_be_done_ends_with_two(
    here: Path, cli: Any, arguments: list[str], said: str
) -> None:
    ended = cli("explorer", *arguments, "--json")
    assert ended.code == 2
    assert said in json.loads(ended.out)["error"][0]
    assert not (here / "runs").exists()


def test_serve_answers_until_it_is_interrupted_and_leaves_nothing(here: Path) -> None:
    code = "from harness.cli import main; main()"
    command = [sys.executable, "-c", code, "explorer", "serve", "--port", "0", "--json"]
    temporary = here.parent / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": os.fspath(temporary), "PYTHONUNBUFFERED": "1"},
    ) as served:
        assert served.stdout is not None
        address = json.loads("".join(served.stdout.readline() for _ in range(3)))["address"]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=5) as answer:
            assert b"Activation Addition" in answer.read()
        served.send_signal(signal.SIGINT)
        assert served.wait(10) == 0
    assert list(temporary.iterdir()) == []


def test_without_yes_nothing_is_sent_and_the_bodies_are_shown(service: Service, cli: Any) -> None:
    told = json.loads(cli("explorer", "submit", FOLDER, "--url", URL, "--json").out)
    assert told["sent"] is False
    assert told["node/new"]["mainUrl"] == URL
    assert told["edge/new"][0]["target"] == "https://arxiv.org/abs/2308.10248"
    assert service.calls == []


def test_with_yes_it_is_sent_and_the_key_is_shown_nowhere(service: Service, cli: Any) -> None:
    ended = cli("explorer", "submit", FOLDER, "--url", URL, "--yes")
    assert ended.code == 0
    assert "replicates https://arxiv.org/abs/2308.10248: made" in ended.out
    assert KEY not in ended.out + ended.err
    assert service.names == ["node/list", "node/new", "edge/new"]


def test_a_paper_without_a_node_and_a_service_that_breaks_end_with_one(
    service: Service, cli: Any
) -> None:
    service.nodes.clear()
    ended = cli("explorer", "submit", FOLDER, "--url", URL, "--yes", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["relations"][0]["outcome"] == "the paper has no node"
    service.cut = "node/update"
    broken = cli("explorer", "submit", FOLDER, "--url", URL, "--yes", "--json")
    assert broken.code == 1
    assert "node/update: no answer" in json.loads(broken.out)["error"][0]
