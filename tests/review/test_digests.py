from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.review.opened import Opened, open_submission
from harness.review.rules.digests import digests
from harness.review.submission import Blob
from tests.review.altered import MANIFEST, ROWS, SPEC, altered, gone, swap, told, with_json


def test_rows_of_their_spec_are_in_order(tmp_path: Path) -> None:
    assert told(digests, tmp_path, {}) == []


def test_an_edited_spec_leaves_its_rows_astray(tmp_path: Path) -> None:
    found = told(digests, tmp_path, {SPEC: swap("seeds: [0, 1, 2]", "seeds: [0, 1]")})
    assert ("stale-rows", "blocker", ROWS) in found
    assert next(each for each in found if each[0] == "not-run")[1] == "warning"


def test_rows_of_another_run_beside_the_right_ones_are_astray(tmp_path: Path) -> None:
    given = altered({})
    name = "measurements/topics.00000000.jsonl"
    files = {**given.files, name: Blob("file", given.files[ROWS].content)}
    opened = open_submission(replace(given, files=files), tmp_path)
    assert isinstance(opened, Opened)
    assert [(each.rule, each.path.endswith(name)) for each in digests(opened)] == [
        ("stale-rows", True)
    ]


def test_a_run_of_another_spec_is_a_blocker(tmp_path: Path) -> None:
    def other(manifest: Any) -> None:
        manifest["experiments"]["topics"]["spec_digest"] = "0" * 64

    found = told(digests, tmp_path, {MANIFEST: with_json(other)})
    assert found == [("spec-digest", "blocker", MANIFEST)]


def test_rows_that_the_manifest_does_not_know_are_a_blocker(tmp_path: Path) -> None:
    def forget(manifest: Any) -> None:
        del manifest["experiments"]["topics"]

    found = told(digests, tmp_path, {MANIFEST: with_json(forget)})
    assert found == [("rows-without-run", "blocker", ROWS)]


def test_an_experiment_without_rows_or_a_crash_is_a_warning(tmp_path: Path) -> None:
    [(rule, severity, place)] = told(digests, tmp_path, {ROWS: gone})
    assert (rule, severity) == ("not-run", "warning")
    assert place.startswith(f"{SPEC}:")


def test_a_row_of_another_experiment_or_model_is_told_at_its_line(tmp_path: Path) -> None:
    other = swap('"experiment":"topics"', '"experiment":"elsewhere"')
    assert told(digests, tmp_path, {ROWS: other}) == [("foreign-row", "blocker", f"{ROWS}:1")]
    other = swap('"model":"smollm2-135m-instruct"', '"model":"larger"')
    assert told(digests, tmp_path / "b", {ROWS: other}) == [("foreign-row", "blocker", f"{ROWS}:1")]
