import json
from pathlib import Path
from typing import Any

import pytest

from tests.imports.planted import files, project, repository

FOLDER = "replications/geometry-of-truth/some-one-tiny-1b"


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path) -> Path:
    monkeypatch.chdir(project(tmp_path / "project"))
    assert not harness_cache.exists()
    return repository(tmp_path / "theirs", files())


def test_import_takes_a_replication_through_all_stages(theirs: Path, cli: Any) -> None:
    ended = cli("import", str(theirs), "--json")
    assert ended.code == 0
    (told,) = json.loads(ended.out)["replications"]
    assert (told["replication"], told["spec"], told["numbers"]) == (FOLDER, "new", 4)
    assert told["outcomes"]["inconclusive"] == 2
    assert "replicated" not in told["outcomes"]
    page = Path(FOLDER, "report.md").read_text().replace("\u00a0", " ")
    assert "diagonal dominance 0.5, at least 0.5 wanted | <code>success</code>" in page
    assert "0.260 \\[0.183, 0.355\\], below chance (0.5)" in page


def test_import_lists_what_there_is_and_writes_nothing(theirs: Path, cli: Any) -> None:
    ended = cli("import", str(theirs), "--dry-run")
    assert ended.code == 0
    assert "geometry-of-truth/some-one-tiny-1b" in ended.out
    assert not Path("replications").exists()


def test_import_of_anything_else_is_bad_input(theirs: Path, cli: Any) -> None:
    ended = cli("import", str(theirs / "config"), "--json")
    assert ended.code == 2
    assert "neither a git checkout nor a git directory" in json.loads(ended.out)["error"][0]
