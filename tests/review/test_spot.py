from collections.abc import Callable
from typing import Any

import pytest

from harness.measurement import Items, Measurement
from harness.review.opened import Opened
from harness.review.reading import read_folder
from harness.review.spot import Draw, drawn, run_again, spot_findings, spots, why_skipped

DRAW = Draw(count=3, device="cpu")
Rows = list[Measurement]


def read(project: Any) -> Opened:
    return Opened(read_folder(project.folder), project.open())


def alter(project: Any, change: Callable[[Rows], Rows]) -> None:
    replication = project.open()
    spec = replication.spec.experiments[0]
    rows = change(replication.rows(spec))
    text = "".join(f"{row.model_dump_json(exclude_none=True)}\n" for row in rows)
    replication.measurements_file(spec).write_text(text)


def again(opened: Opened, seed: int = 1) -> Any:
    spec = opened.replication.spec.experiments[0]
    chosen = [row for row in opened.replication.rows(spec) if row.seed == seed][:2]
    return run_again(opened, spec, chosen, draw=DRAW)


def test_an_honest_seed_comes_out_again_row_by_row(finished: Any) -> None:
    before = finished.state()
    opened = read(finished)
    spot = again(opened)
    assert spot.skipped is None
    assert spot.off == ()
    assert [each.outcome for each in spot.chosen] == ["identical"] * 2
    rows = opened.replication.rows(opened.replication.spec.experiments[0])
    assert spot.rows == sum(row.seed == 1 for row in rows) > 10
    assert list(spot_findings(opened, [spot])) == []
    assert finished.state() == before


def test_a_number_that_was_edited_with_its_items_is_a_blocker(finished: Any) -> None:
    def better(rows: Rows) -> Rows:
        place = next(i for i, r in enumerate(rows) if r.seed == 1 and r.items and r.value < 0.7)
        row = rows[place]
        assert row.items is not None
        items = Items.pack(row.items.set, [1.0] * row.n)
        raised = row.model_copy(update={"value": 1.0, "items": items, "stderr": 0.0})
        return [*rows[:place], raised, *rows[place + 1 :]]

    alter(finished, better)
    opened = read(finished)
    spot = again(opened)
    assert [(each.committed, each.outcome) for each in spot.off] == [(1.0, "outside")]
    [found] = spot_findings(opened, [spot])
    assert (found.rule, found.severity, found.axis) == ("spot", "blocker", "reproducibility")
    assert "committed 1.0, again 0." in found.message


def test_a_row_that_no_run_gives_is_missing(finished: Any) -> None:
    def invent(rows: Rows) -> Rows:
        row = next(row for row in rows if row.seed == 1)
        return [*rows, row.model_copy(update={"conditions": {**row.conditions, "probe": "best"}})]

    alter(finished, invent)
    assert [each.outcome for each in again(read(finished)).off] == ["missing"]


def test_a_crash_here_is_said_and_accuses_nobody(
    finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("harness.run.run_experiment", crash)
    opened = read(finished)
    spot = again(opened)
    assert spot.skipped == "crashed here: RuntimeError: planted"
    assert [each.severity for each in spot_findings(opened, [spot])] == ["note"]


def test_a_model_of_a_folder_is_never_loaded(finished: Any) -> None:
    opened = read(finished)
    skipped = spots(opened, DRAW)
    assert skipped
    assert all("which is not registered" in str(each.skipped) for each in skipped)


def test_long_experiments_and_unasked_seeds_are_skipped(
    finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = read(finished)
    spec = opened.replication.spec.experiments[0].model_copy(
        update={"model": "smollm2-135m-instruct"}
    )
    monkeypatch.setattr("harness.review.spot.why_not_at_hand", lambda _: None)
    assert why_skipped(opened, spec, 1, DRAW) is None
    assert "does not ask for seed 7" in str(why_skipped(opened, spec, 7, DRAW))
    brief = Draw(count=1, minutes=1e-6)
    assert "`--spot-minutes` allows 1e-06" in str(why_skipped(opened, spec, 1, brief))


def test_the_draw_is_the_same_for_everybody_and_another_for_other_rows(
    finished: Any,
) -> None:
    first = drawn(read(finished), 5)
    assert first == drawn(read(finished), 5)
    assert len(first) == 5
    alter(finished, lambda rows: rows[:-1])
    assert drawn(read(finished), 5) != first
    assert len(drawn(read(finished), 10_000)) == len(finished.open().measurements())


def test_a_name_of_a_hub_anywhere_in_a_spec_is_not_fetched(finished: Any) -> None:
    opened = read(finished)
    spec = opened.replication.spec.experiments[0].model_copy(update={"model": "hf:someone/strange"})
    assert "hf:someone/strange, which is not registered" in str(why_skipped(opened, spec, 1, DRAW))
