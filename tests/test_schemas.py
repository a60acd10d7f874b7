import json
from pathlib import Path
from typing import Any

import pytest

from harness.record import parse_yaml
from harness.schemas import schemas

CHECKOUT = Path(__file__).parents[1]
PAPERS = sorted(CHECKOUT.glob("papers/*/paper.yaml"))
REPLICATIONS = sorted(CHECKOUT.glob("replications/*/*/replication.yaml"))


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schema_on_disk_is_what_the_records_give(name: str) -> None:
    stored = json.loads((CHECKOUT / "harness/schemas" / name).read_text())
    assert stored == schemas()[name], "run: harness schema --directory harness/schemas"


def test_there_is_something_to_validate() -> None:
    assert PAPERS
    assert REPLICATIONS


@pytest.mark.parametrize("path", [*PAPERS, *REPLICATIONS], ids=lambda path: str(path.parent.name))
def test_what_is_committed_fits_its_schema(path: Path) -> None:
    assert list(problems(path.read_text(), path)) == []


def test_the_schema_finds_an_unknown_key() -> None:
    text = REPLICATIONS[0].read_text().replace("seeds:", "seedss:", 1)
    assert any("seedss" in each.message for each in problems(text, REPLICATIONS[0]))


def problems(text: str, path: Path) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = schemas()[path.name.replace(".yaml", ".schema.json")]
    return jsonschema.Draft202012Validator(schema).iter_errors(
        json.loads(json.dumps(parse_yaml(text, path)))
    )


@pytest.mark.parametrize("path", [*PAPERS, *REPLICATIONS], ids=lambda path: str(path.parent.name))
def test_the_first_line_points_editors_to_a_schema_that_is_there(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.split("=", 1)[1]).is_file()
