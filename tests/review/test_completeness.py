import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.review.opened import Opened
from harness.review.rules.completeness import completeness
from harness.specs import ImportedSpec
from tests.review.altered import ROWS, lines, opened, swap, told


def test_a_complete_run_lacks_nothing(tmp_path: Path) -> None:
    assert told(completeness, tmp_path, {}) == []


def test_a_seed_that_was_taken_out_is_withheld(tmp_path: Path) -> None:
    found = told(completeness, tmp_path, {ROWS: lines(lambda row: row["seed"] != 2)})
    assert found == [("withheld", "blocker", ROWS)]


def test_all_seeds_but_the_first_taken_out_are_withheld(tmp_path: Path) -> None:
    found = told(completeness, tmp_path, {ROWS: lines(lambda row: row["seed"] == 0)})
    assert found == [("withheld", "blocker", ROWS)]


def committed(project: Path) -> list[dict[str, Any]]:
    text = opened(project, {}).submission.files[ROWS].content.decode()
    return [json.loads(line) for line in text.splitlines()]


def test_one_row_of_one_seed_taken_out_is_withheld(tmp_path: Path) -> None:
    victim = next(row for row in committed(tmp_path / "whole") if row["seed"] == 1)
    found = told(completeness, tmp_path, {ROWS: lines(lambda row: row != victim)})
    assert found == [("withheld", "blocker", ROWS)]


def test_a_quantity_without_any_row_is_a_warning(tmp_path: Path) -> None:
    victim = next(row for row in committed(tmp_path / "whole") if row["seed"] == 1)

    def others(row: dict[str, Any]) -> bool:
        keys = ("metric", "conditions", "control")
        return any(row.get(key) != victim.get(key) for key in keys)

    found = told(completeness, tmp_path, {ROWS: lines(others)})
    assert found == [("no-row", "warning", ROWS)]


def test_a_run_that_stopped_after_its_first_row_is_noted(tmp_path: Path) -> None:
    seen: list[object] = []

    def first(row: dict[str, Any]) -> bool:
        seen.append(row)
        return len(seen) == 1

    found = told(completeness, tmp_path, {ROWS: lines(first)})
    assert found == [("withheld", "note", ROWS), ("no-row", "warning", ROWS)]


def test_a_seed_that_nobody_asked_for_is_a_blocker_at_its_line(tmp_path: Path) -> None:
    found = told(completeness, tmp_path, {ROWS: swap('"seed":0', '"seed":7')})
    assert ("seeds", "blocker", f"{ROWS}:1") in found


def test_an_imported_number_that_is_listed_and_not_there_is_withheld(tmp_path: Path) -> None:
    whole = opened(tmp_path, {})
    rows = committed(tmp_path / "whole")[:2]
    numbers = [
        {
            "file": f"results/{n}.json",
            "sha256": "0" * 64,
            "reading": {"kind": "number", "at": "/value", "n": row["n"]},
            "metric": row["metric"],
            "where": {key: value for key, value in row["conditions"].items() if key != "model"},
            "seed": row["seed"] + n,
        }
        for n, row in enumerate(rows)
    ]
    spec = ImportedSpec.model_validate(
        {
            "family": "imported",
            "id": "topics",
            "model": rows[0]["conditions"]["model"],
            "seeds": [0, 1],
            "repository": "https://github.com/someone/results",
            "commit": "0" * 40,
            "numbers": numbers,
        }
    )
    alone = whole.replication.spec.model_copy(update={"experiments": (spec,)})
    replication = replace(whole.replication, spec=alone)
    file = replication.measurements_file(spec)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    [found] = completeness(Opened(whole.submission, replication))
    assert (found.rule, found.severity) == ("withheld", "blocker")
    assert "of seed 1 is listed and withheld" in found.message
