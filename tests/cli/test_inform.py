import json
from pathlib import Path
from typing import Any

from harness.schemas import schemas
from harness.specs.worlds import WORLDS


def test_papers_are_listed_with_their_replications(project: Any, cli: Any) -> None:
    told = json.loads(cli("papers", "--json").out)
    assert told == [
        {
            "paper": "tiny-truth",
            "title": "Truth in a tiny model",
            "claims": 5,
            "replications": ["tiny"],
        }
    ]
    assert "Truth in a tiny model" in cli("papers").out
    assert project.paper_file.exists()


def test_a_project_without_papers_lists_none(project: Any, cli: Any) -> None:
    project.paper_file.unlink()
    assert cli("papers").out == "none\n"
    assert json.loads(cli("papers", "--json").out) == []


def test_models_are_listed_by_tier(cli: Any) -> None:
    every = json.loads(cli("models", "--json").out)
    local = json.loads(cli("models", "--tier", "local", "--json").out)
    named = [row["model"] for row in local["models"]]
    assert named == ["smollm2-135m-instruct", "capitals-4l"]
    assert all(row in every["models"] for row in local["models"])
    assert all(each in cli("models").out for each in named)


def test_worlds_are_listed_beside_models_but_in_no_tier(cli: Any) -> None:
    every = json.loads(cli("models", "--json").out)
    assert [row["world"] for row in every["worlds"]] == list(WORLDS)
    assert "synthsae-2k" in cli("models").out
    assert json.loads(cli("models", "--tier", "local", "--json").out)["worlds"] == []


def test_an_unknown_tier_names_the_tiers(cli: Any) -> None:
    ended = cli("models", "--tier", "smal")
    assert ended.code == 2
    assert "did you mean 'small'? valid: local, small, medium, large" in ended.err


def test_schemas_are_printed_as_one_document_or_written(cli: Any, tmp_path: Path) -> None:
    assert json.loads(cli("schema").out) == schemas()
    ended = cli("schema", "--directory", str(tmp_path / "new"))
    assert (ended.code, ended.out) == (0, "")
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "new").iterdir()}
    assert written == schemas()
