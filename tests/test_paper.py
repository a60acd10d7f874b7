from typing import Any

import pytest
from pydantic import ValidationError

from harness.expectations import Trend
from harness.measurement import Quantity
from harness.paper import PaperSpec

SOURCE = {"section": "1", "quote": "q", "status": "read"}
LAYER = {"metric": "accuracy_binary", "where": {"layer": 3}}
BOUND = {"kind": "bound", "quantity": LAYER, "side": "at_least", "limit": 0.7}
TABLE_MATCH = {"kind": "table", "tolerance": 0.1, "tolerance_from": "stated", "cells": 0.8}
TABLE = {
    "id": "t",
    "title": "T",
    "source": SOURCE,
    "metric": "accuracy_binary",
    "common": {"probe": "lda"},
    "rows": {"A": {"train": "a"}, "B": {"train": "b"}},
    "columns": {"X": {"test": "x"}, "Y": {"test": "y"}},
    "values": {"A": [0.9, None], "B": [0.8, 0.7]},
}


def claim(expects: dict[str, Any] = BOUND, **changes: Any) -> dict[str, Any]:
    given = {"id": "c", "statement": "s", "source": SOURCE, "scope": "general", "expects": expects}
    return {**given, **changes}


def paper(*claims: dict[str, Any], **changes: Any) -> PaperSpec:
    given = {
        "id": "p",
        "title": "t",
        "authors": ["a"],
        "year": 2024,
        "url": "https://example.org/",
        "setup": {"models": ["m"], "data": "original"},
        "claims": claims or (claim(),),
        "tables": [TABLE],
    }
    return PaperSpec.model_validate({**given, **changes})


@pytest.mark.parametrize(
    "name", ["../../evil", "..", "/etc/passwd", "a/b", "a\\b", ".hidden", "", "a\n", "A", "a" * 81]
)
def test_name_that_is_no_safe_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=r"claims\.0\.id"):
        paper(claim(id=name))
    with pytest.raises(ValidationError, match=r"(?m)^id$"):
        paper(id=name)


def test_number_known_from_memory_is_refused() -> None:
    with pytest.raises(ValidationError, match="'read', 'artifact', 'recomputed' or 'secondary'"):
        paper(claim(source={**SOURCE, "status": "memory"}))


def test_paper_without_claims_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        paper(claims=())


def test_two_claims_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two claims are called c"):
        paper(claim(), claim())
    with pytest.raises(ValidationError, match="two tables are called t"):
        paper(tables=[TABLE, TABLE])


def test_claim_on_an_unknown_table_is_refused_with_the_known_ones() -> None:
    assert paper(claim({**TABLE_MATCH, "table": "t"})).claims[0].id == "c"
    with pytest.raises(ValidationError, match=r"no table 'tt'; did you mean 't'\? valid: t"):
        paper(claim({**TABLE_MATCH, "table": "tt"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": {"A": [0.9, 0.8]}}, "rows and values differ in B"),
        ({"values": {"A": [0.9], "B": [0.8, 0.7]}}, "A: 1 values for 2 columns"),
        ({"metric": "accuracy"}, "unknown metric 'accuracy'; did you mean 'fact_accuracy'"),
        ({"values": {"A": [0.9, float("nan")], "B": [0.8, 0.7]}}, "finite"),
    ],
)
def test_table_whose_parts_do_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        paper(tables=[{**TABLE, **change}])


def test_cells_are_the_printed_numbers_with_their_conditions() -> None:
    cells = list(paper().table("t").cells)
    assert [(cell.row, cell.column, cell.value) for cell in cells] == [
        ("A", "X", 0.9),
        ("B", "X", 0.8),
        ("B", "Y", 0.7),
    ]
    assert cells[1].quantity.where == {"probe": "lda", "train": "b", "test": "x"}


def test_a_claim_needs_every_quantity_that_it_speaks_of() -> None:
    deep = {"metric": "accuracy_binary", "where": {"layer": 9}}
    same = {"kind": "equivalence", "quantity": LAYER, "margin": 0.1, "margin_from": "stated"}
    trend = {
        "kind": "trend",
        "quantity": LAYER,
        "along": "layer",
        "at": [1, 2, 3],
        "direction": "increasing",
    }
    expected = {
        "bound": (BOUND, [LAYER]),
        "ordering": ({"kind": "ordering", "descending": [LAYER, deep]}, [LAYER, deep]),
        "number": ({**same, "to": 0.7}, [LAYER]),
        "pair": ({**same, "to": deep}, [LAYER, deep]),
    }
    for expects, quantities in expected.values():
        spec = paper(claim(expects))
        assert [
            each.model_dump(exclude={"control"}) for each in spec.quantities(spec.claims[0])
        ] == (quantities)
    spec = paper(claim(trend), claim({**TABLE_MATCH, "table": "t"}, id="d"))
    assert isinstance(spec.claims[0].expects, Trend)
    assert [each.where["layer"] for each in spec.quantities(spec.claims[0])] == [1, 2, 3]
    assert spec.quantities(spec.claims[1]) == tuple(cell.quantity for cell in spec.table("t").cells)
    assert all(isinstance(each, Quantity) for each in spec.quantities(spec.claims[1]))
