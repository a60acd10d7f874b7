import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.measurement import Items, Measurement
from harness.record import HarnessError
from harness.rerun import rerun

REPLICATION = "replications/tiny-truth/tiny"


def alter(project: Any, change: Callable[[list[Measurement]], list[Measurement]]) -> None:
    """Write other rows of the first experiment, consistent in themselves."""
    opened = project.open()
    file = opened.measurements_file(opened.spec.experiments[0])
    rows = change(opened.rows(opened.spec.experiments[0]))
    file.write_text("".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows))


def perfect(rows: list[Measurement]) -> list[Measurement]:
    """The first accuracy becomes 1.0, and so do all of its items."""
    place = next(i for i, row in enumerate(rows) if row.items and row.value < 0.7)
    units = rows[place].n
    items = Items.pack(rows[place].items.set, [1.0] * units)
    better = rows[place].model_copy(update={"value": 1.0, "items": items, "stderr": 0.0})
    return [*rows[:place], better, *rows[place + 1 :]]


def test_a_replication_agrees_with_itself_to_the_last_bit(finished: Any, cli: Any) -> None:
    before = finished.rows_files()
    ended = cli("rerun", REPLICATION, "--device", "cpu", "--json")
    assert ended.code == 0
    counts = json.loads(ended.out)
    assert counts["identical"] == len(finished.open().measurements()) > 50
    assert counts["inside"] == counts["outside"] == counts["missing"] == counts["withheld"] == 0
    assert finished.rows_files() == before


def test_an_edited_number_is_caught_though_its_items_were_edited_with_it(
    finished: Any, cli: Any
) -> None:
    alter(finished, perfect)
    finished.open().verdicts()
    ended = cli("rerun", REPLICATION, "--device", "cpu")
    assert ended.code == 1
    assert "1 outside" in ended.out
    assert "outside: transfer accuracy_binary" in ended.out
    assert ": 1.0 → 0." in ended.out


def test_rows_that_were_left_out_are_caught(finished: Any) -> None:
    alter(finished, lambda rows: [row for row in rows if row.seed == 0])
    compared = rerun(finished.open(), device="cpu")
    assert not compared.agrees
    assert compared.count("withheld") > 0
    assert {row.committed for row in compared.rows if row.outcome == "withheld"} == {None}


def test_rows_that_no_run_gives_are_caught(finished: Any) -> None:
    def invent(rows: list[Measurement]) -> list[Measurement]:
        return [*rows, rows[-1].model_copy(update={"seed": 99})]

    alter(finished, invent)
    compared = rerun(finished.open(), device="cpu")
    assert not compared.agrees
    assert [row.again for row in compared.rows if row.outcome == "missing"] == [None]


def test_what_never_ran_cannot_be_rerun(project: Any) -> None:
    with pytest.raises(HarnessError, match=rf"{REPLICATION}: no measurements to compare with"):
        rerun(project.open(), device="cpu")


def test_a_crash_of_the_rerun_is_an_error_and_not_a_number(
    finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("harness.run.run_experiment", crash)
    with pytest.raises(HarnessError, match="RuntimeError: planted"):
        rerun(finished.open(), device="cpu")
