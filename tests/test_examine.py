"""Each expectation against rows whose truth is planted; units are scored right or wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from harness.examine import Finding, examine
from harness.measurement import Condition, Items, Measurement, Quantity
from harness.paper import PaperSpec
from harness.record import HarnessError

SOURCE = {"section": "1", "quote": "q", "status": "read"}


def paper(expects: dict[str, Any]) -> PaperSpec:
    return PaperSpec.model_validate(
        {
            "id": "p",
            "title": "t",
            "authors": ["a"],
            "year": 2024,
            "url": "https://example.org/",
            "setup": {"models": ["m"], "data": "original"},
            "claims": [
                {
                    "id": "c",
                    "statement": "s",
                    "source": SOURCE,
                    "scope": "general",
                    "expects": expects,
                }
            ],
            "tables": [
                {
                    "id": "t",
                    "title": "T",
                    "source": SOURCE,
                    "metric": "accuracy_binary",
                    "rows": {"A": {}},
                    "columns": {name: {"q": name} for name in "abcd"},
                    "values": {"A": [0.9, 0.8, 0.7, 0.6]},
                }
            ],
        }
    )


def found(expects: dict[str, Any], measured: Sequence[Measurement]) -> Finding:
    spec = paper(expects)
    return examine(spec, spec.claims[0].expects, measured, control=None)


def rows(share: float, name: Condition, *, n: int = 400, units: str = "u") -> Measurement:
    """A share of the units is right, the same ones first for every quantity."""
    scores = np.arange(n) < round(share * n)
    return Measurement(
        experiment="e",
        metric="accuracy_binary",
        value=float(scores.mean()),
        n=n,
        seed=0,
        conditions={"q": name},
        items=Items.pack(units, scores.astype(float).tolist()),
    )


def quantity(name: Condition) -> dict[str, Any]:
    return Quantity(metric="accuracy_binary", where={"q": name}).model_dump()


def bound(limit: float = 0.7, side: str = "at_least") -> dict[str, Any]:
    return {"kind": "bound", "quantity": quantity("a"), "side": side, "limit": limit}


def value(target: float, tolerance: float) -> dict[str, Any]:
    stated = {"tolerance": tolerance, "tolerance_from": "stated"}
    return {"kind": "value", "quantity": quantity("a"), "target": target, **stated}


def ordering(*names: str) -> dict[str, Any]:
    return {"kind": "ordering", "descending": [quantity(name) for name in names]}


TREND: dict[str, Any] = {
    "kind": "trend",
    "quantity": {"metric": "accuracy_binary"},
    "along": "q",
    "at": [0, 5, 10],
    "direction": "increasing",
}


def table(cells: float) -> dict[str, Any]:
    return {
        "kind": "table",
        "table": "t",
        "tolerance": 0.1,
        "tolerance_from": "stated",
        "cells": cells,
    }


def equivalence(to: object, margin: float = 0.1) -> dict[str, Any]:
    stated = {"margin": margin, "margin_from": "stated"}
    return {"kind": "equivalence", "quantity": quantity("a"), "to": to, **stated}


@pytest.mark.parametrize(
    ("share", "outcome"), [(0.8, "replicated"), (0.6, "not_replicated"), (0.72, "inconclusive")]
)
def test_bound_from_below(share: float, outcome: str) -> None:
    assert found(bound(0.7), [rows(share, "a")]).outcome == outcome


@pytest.mark.parametrize(
    ("share", "outcome"), [(0.2, "replicated"), (0.4, "not_replicated"), (0.28, "inconclusive")]
)
def test_bound_from_above(share: float, outcome: str) -> None:
    assert found(bound(0.3, "at_most"), [rows(share, "a")]).outcome == outcome


def test_too_few_items_are_inconclusive_with_the_number_needed() -> None:
    few = found(bound(0.7), [rows(0.75, "a", n=40)])
    assert few.outcome == "inconclusive"
    assert "units would settle it, against 40 here" in few.reason
    assert found(bound(0.7), [rows(0.75, "a", n=4000)]).outcome == "replicated"


@pytest.mark.parametrize(
    ("share", "outcome"),
    [
        (0.9, "replicated"),
        (0.75, "not_replicated"),
        (0.99, "not_replicated"),
        (0.83, "inconclusive"),
    ],
)
def test_value_is_judged_on_both_sides(share: float, outcome: str) -> None:
    assert found(value(0.9, 0.06), [rows(share, "a")]).outcome == outcome


def test_value_close_by_chance_on_few_items_is_inconclusive() -> None:
    assert found(value(0.9, 0.06), [rows(0.9, "a", n=20)]).outcome == "inconclusive"


def test_ordering_holds() -> None:
    measured = [rows(0.9, "a"), rows(0.8, "b"), rows(0.7, "c")]
    assert found(ordering("a", "b", "c"), measured).outcome == "replicated"


def test_ordering_reversed_is_not_replicated() -> None:
    measured = [rows(0.7, "a"), rows(0.8, "b"), rows(0.9, "c")]
    assert found(ordering("a", "b", "c"), measured).outcome == "not_replicated"


def test_ordering_of_which_one_of_two_steps_is_reversed_is_partial() -> None:
    measured = [rows(0.9, "a"), rows(0.7, "b"), rows(0.8, "c")]
    got = found(ordering("a", "b", "c"), measured)
    assert got.outcome == "partial"
    assert len(got.estimates) == 2


def test_ordering_with_a_tie_is_inconclusive() -> None:
    measured = [rows(0.9, "a"), rows(0.8, "b"), rows(0.8, "c")]
    assert found(ordering("a", "b", "c"), measured).outcome == "inconclusive"


def test_ordering_is_surer_on_the_same_units() -> None:
    paired = found(ordering("a", "b"), [rows(0.75, "a"), rows(0.72, "b")])
    apart = found(ordering("a", "b"), [rows(0.75, "a"), rows(0.72, "b", units="others")])
    assert (paired.outcome, apart.outcome) == ("replicated", "inconclusive")


@pytest.mark.parametrize(
    ("shares", "outcome"),
    [
        ((0.6, 0.7, 0.8), "replicated"),
        ((0.8, 0.7, 0.6), "not_replicated"),
        ((0.7, 0.7, 0.7), "inconclusive"),
        ((0.7, 0.9, 0.7), "inconclusive"),
    ],
)
def test_trend_is_the_sign_of_the_slope(shares: tuple[float, ...], outcome: str) -> None:
    measured = [rows(share, at) for share, at in zip(shares, (0, 5, 10), strict=True)]
    assert found(TREND, measured).outcome == outcome


def test_slope_is_that_of_least_squares() -> None:
    shares = (0.5, 0.7, 0.75)
    measured = [rows(share, at) for share, at in zip(shares, (0, 5, 10), strict=True)]
    slope = found(TREND, measured).estimates[0].estimate.mean
    assert slope == pytest.approx(np.polyfit([0, 5, 10], shares, 1)[0], abs=1e-6)


@pytest.mark.parametrize(
    ("shares", "cells", "outcome"),
    [
        ((0.9, 0.8, 0.7, 0.6), 1.0, "replicated"),
        ((0.9, 0.8, 0.7, 0.1), 1.0, "partial"),
        ((0.9, 0.8, 0.7, 0.1), 0.75, "replicated"),
        ((0.5, 0.4, 0.3, 0.6), 0.75, "not_replicated"),
        ((0.9, 0.8, 0.7, 0.69), 1.0, "inconclusive"),
    ],
)
def test_table_counts_cells_that_agree(
    shares: tuple[float, ...], cells: float, outcome: str
) -> None:
    measured = [rows(share, name, n=2000) for share, name in zip(shares, "abcd", strict=True)]
    assert found(table(cells), measured).outcome == outcome


def test_table_says_how_many_cells_agree_differ_and_are_missing() -> None:
    measured = [rows(share, name, n=2000) for share, name in ((0.9, "a"), (0.1, "b"), (0.69, "d"))]
    got = found(table(0.75), measured)
    assert got.outcome == "not_tested"
    assert "of 4 cells 1 agree within 0.1, 1 differ, 1 undecided, 1 not measured" in got.reason


def test_equivalence_needs_evidence_and_not_its_absence() -> None:
    """Unequal by .02; a margin of .1 is shown by 400 units and not by 10."""
    measured = [rows(0.72, "a"), rows(0.7, "b")]
    assert found(equivalence(quantity("b")), measured).outcome == "replicated"
    few = [rows(0.7, "a", n=10), rows(0.7, "b", n=10)]
    assert found(equivalence(quantity("b")), few).outcome == "inconclusive"
    apart = [rows(0.9, "a"), rows(0.7, "b")]
    assert found(equivalence(quantity("b")), apart).outcome == "not_replicated"


def test_equivalence_to_a_number() -> None:
    assert found(equivalence(0.5), [rows(0.5, "a", n=2000)]).outcome == "replicated"
    assert found(equivalence(0.5), [rows(0.7, "a", n=2000)]).outcome == "not_replicated"


@pytest.mark.parametrize(
    "expects",
    [
        bound(),
        value(0.9, 0.1),
        ordering("a", "b"),
        TREND,
        table(0.75),
        equivalence(quantity("b")),
        equivalence(0.5),
    ],
    ids=lambda expects: str(expects["kind"]),
)
def test_nothing_measured_is_not_tested_and_has_no_estimate(expects: dict[str, Any]) -> None:
    got = found(expects, [])
    assert (got.outcome, got.estimates) == ("not_tested", ())


@pytest.mark.parametrize("expects", [ordering("a", "b"), equivalence(quantity("b")), TREND])
def test_half_measured_is_not_tested(expects: dict[str, Any]) -> None:
    assert found(expects, [rows(0.9, "a"), rows(0.8, 5)]).outcome == "not_tested"


def test_one_bare_value_is_inconclusive() -> None:
    bare = rows(0.9, "a").model_copy(update={"items": None})
    got = found(bound(), [bare])
    assert got.outcome == "inconclusive"
    assert "no interval from one value" in got.reason


def test_ambiguous_rows_are_an_error_and_no_verdict() -> None:
    other = rows(0.9, "a").model_copy(update={"conditions": {"q": "a", "layer": 3}})
    with pytest.raises(HarnessError, match="matches 2 settings"):
        found(bound(), [rows(0.9, "a"), other])


@pytest.mark.parametrize(
    "expects", [bound(0.51), ordering("a", "b"), ordering("b", "a"), TREND], ids=str
)
def test_a_constant_predictor_never_passes(expects: dict[str, Any]) -> None:
    """Says "true" to all: one of a unit's two statements is right, everywhere, with no spread."""
    names: tuple[Condition, ...] = ("a", "b", 0, 5, 10)
    measured = [
        rows(0, name).model_copy(update={"value": 0.5, "items": Items.pack("u", [0.5] * 400)})
        for name in names
    ]
    assert found(expects, measured).outcome in ("not_replicated", "inconclusive")
