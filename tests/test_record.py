import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.measurement import Condition, Measurement, Quantity
from harness.record import HarnessError, Record, write_text

CONDITIONS = st.dictionaries(
    st.text(max_size=5),
    st.text(max_size=5) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)


class Point(Record):
    x: float
    label: str = "here"


def test_record_is_frozen_and_closed() -> None:
    point = Point(x=1)
    with pytest.raises(ValidationError, match="frozen"):
        point.x = 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Point.model_validate({"x": 1, "y": 2})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Point(x=value)
    with pytest.raises(ValidationError, match="finite"):
        Quantity(metric="auroc", where={"layer": value})


@pytest.mark.parametrize("written", [".nan", ".inf", "-.inf"])
def test_number_that_is_not_finite_is_refused_in_a_file(tmp_path: Path, written: str) -> None:
    path = tmp_path / "point.yaml"
    path.write_text(f"x: {written}\n")
    with pytest.raises(HarnessError, match=r"point\.yaml:1: x: .*finite"):
        Point.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: 1\nx: 2\n", r":2: not valid YAML: .*duplicate key"),
        ("- 1\n", "expected a mapping"),
        ("", "expected a mapping"),
        ("x: [1\n", r":2: not valid YAML"),
        ("x: 1\n---\nx: 2\n", "another document"),
        ("x: !!python/object/apply:os.system [id]\n", "could not determine a constructor"),
        ("x: \x00\n", "not valid YAML"),
        ("1: 2\nx: 1\n", "Keys should be strings"),
        ("x: 2001-99-99\n", "not valid YAML: ValueError: month"),
        ("x: " + "[" * 3000, "not valid YAML: RecursionError"),
        ("- " * 3000, "not valid YAML: RecursionError"),
        ("x: " + "9" * 6000, "not valid YAML: ValueError: Exceeds the limit"),
        ("x: !!omap [[a]: b]\n", "not valid YAML: TypeError"),
        ("x: !!omap [a: 1, a: 2]\n", "not valid YAML: AssertionError"),
        ("x: !!bool perhaps\n", "not valid YAML: KeyError"),
        ("x: !!int ''\n", "not valid YAML: IndexError"),
        ('x: "\\UFFFFFFFF"\n', "not valid YAML: OverflowError"),
    ],
)
def test_malformed_yaml_is_refused_with_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "point.yaml"
    path.write_text(text)
    with pytest.raises(HarnessError, match=r"point\.yaml.*" + message):
        Point.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"x": 1, "x": 2}', "stands twice"),
        ("[1]", "expected a mapping"),
        ('{"x": 1,\n oops}', ":2: not valid JSON"),
        ('{"x": NaN}', "finite"),
        ('{"x": ' + "[" * 100_000, "not valid JSON: maximum recursion"),
        ('{"x": ' + "9" * 6000 + "}", "not valid JSON: Exceeds the limit"),
        ('{"x": 1,\n "labell": "\x7f"}', r":2: labell: unknown key 'labell'; did you mean 'label'"),
    ],
)
def test_malformed_json_is_refused_with_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "point.json"
    path.write_text(text)
    with pytest.raises(HarnessError, match=r"point\.json.*" + message):
        Point.load(path)


def test_missing_and_undecodable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"none\.yaml: cannot be read"):
        Point.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"label: caf\xe9\n")
    with pytest.raises(HarnessError, match=r"latin\.yaml: cannot be read"):
        Point.load(tmp_path / "latin.yaml")


def test_no_on_and_leading_zeros_mean_what_yaml_1_2_says(tmp_path: Path) -> None:
    path = tmp_path / "quantity.yaml"
    path.write_text("metric: auroc\nwhere: {a: no, b: on, c: 1e-5, d: 0o14}\n")
    assert Quantity.load(path).where == {"a": "no", "b": "on", "c": 0.00001, "d": 12}


@given(CONDITIONS)
def test_a_dumped_record_loads_equal_with_equal_digest(
    tmp_path_factory: pytest.TempPathFactory, where: dict[str, Condition]
) -> None:
    path = tmp_path_factory.mktemp("records") / "quantity.json"
    quantity = Quantity(metric="auroc", where=where)
    quantity.dump(path)
    assert Quantity.load(path) == quantity
    assert Quantity.load(path).digest == quantity.digest


def test_equal_records_have_one_digest_and_others_another() -> None:
    def digest(where: dict[str, Condition]) -> str:
        return Quantity(metric="auroc", where=where).digest

    assert digest({"a": 1, "b": 2}) == digest({"b": 2.0, "a": 1.0})
    assert len({digest({"a": value}) for value in (1, "1", 1.5, "1.5", -1)}) == 5


def test_a_line_separator_inside_a_string_does_not_tear_a_row(tmp_path: Path) -> None:
    row = Measurement(
        experiment="e\u2028f\x85g", metric="auroc", value=0.5, n=1, seed=0, conditions={}
    )
    write_text(tmp_path / "rows.jsonl", f"{row.model_dump_json()}\n" * 2)
    assert Measurement.parse_lines(tmp_path / "rows.jsonl") == [row, row]


def test_a_torn_row_is_refused_with_its_line(tmp_path: Path) -> None:
    row = json.dumps({"x": 1})
    (tmp_path / "rows.jsonl").write_text(f"{row}\n{row[:-3]}")
    with pytest.raises(HarnessError, match=r"rows\.jsonl:2:"):
        Point.parse_lines(tmp_path / "rows.jsonl")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "point.json"
    Point(x=1).dump(path)
    owner = os if call == "fsync" else Path
    monkeypatch.setattr(owner, call, _disk_is_full)
    with pytest.raises(HarnessError, match=r"point\.json: cannot be written: No space left"):
        Point(x=2).dump(path)
    assert Point.load(path) == Point(x=1)
    assert [each.name for each in tmp_path.iterdir()] == ["point.json"]


def test_folder_that_cannot_be_made_is_a_harness_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HarnessError, match="cannot be written"):
        Point(x=1).dump(tmp_path / "file" / "point.json")


KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from harness import record
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
record.write_text(Path(sys.argv[1]), '{"x": 2' + ' ' * 100000 + '}')
"""


def test_kill_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    Point(x=1).dump(path)
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert Point.load(path) == Point(x=1)
    assert len(list(tmp_path.glob(".point.json.*.partial"))) == 1, "the kill came too late"


def _disk_is_full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
