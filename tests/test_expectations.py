import pytest
from pydantic import ValidationError

from harness.expectations import Bound, Ordering, TableMatch, Trend, Value
from harness.measurement import Quantity

ACCURACY = Quantity(metric="accuracy_binary", where={"test": "cities"})


@pytest.mark.parametrize(
    ("side", "limit"),
    [("at_least", 0.5), ("at_least", 0.49), ("at_most", 0.5), ("at_most", 0.51)],
)
def test_limit_that_chance_meets_is_refused(side: str, limit: float) -> None:
    with pytest.raises(ValidationError, match=r"is met by chance \(0.5\)"):
        Bound.model_validate({"kind": "bound", "quantity": ACCURACY, "side": side, "limit": limit})


@pytest.mark.parametrize(("side", "limit"), [("at_least", 0.51), ("at_most", 0.49)])
def test_limit_beyond_chance_is_accepted(side: str, limit: float) -> None:
    Bound.model_validate({"kind": "bound", "quantity": ACCURACY, "side": side, "limit": limit})


def test_any_limit_is_accepted_where_chance_has_no_level() -> None:
    layer = Quantity(metric="chosen_layer")
    assert Bound(kind="bound", quantity=layer, side="at_least", limit=0).limit == 0


@pytest.mark.parametrize("tolerance", [0, -0.1])
def test_tolerance_must_be_positive(tolerance: float) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        Value(
            kind="value",
            quantity=ACCURACY,
            target=0.9,
            tolerance=tolerance,
            tolerance_from="stated",
        )


def test_ordering_needs_two_quantities() -> None:
    with pytest.raises(ValidationError, match="at least 2 items"):
        Ordering(kind="ordering", descending=(ACCURACY,))


def test_table_of_which_half_need_agree_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"greater than 0\.5"):
        TableMatch(kind="table", table="t", tolerance=0.1, tolerance_from="stated", cells=0.5)


def trend(*at: float) -> Trend:
    return Trend(kind="trend", quantity=ACCURACY, along="layer", at=at, direction="increasing")


def test_trend_asks_for_its_quantity_at_every_place() -> None:
    assert [each.where for each in trend(0, 6, 12).quantities] == [
        {"test": "cities", "layer": layer} for layer in (0, 6, 12)
    ]


def test_trend_needs_three_places_that_differ() -> None:
    with pytest.raises(ValidationError, match="at least 3 items"):
        trend(0, 1)
    with pytest.raises(ValidationError, match="stands twice"):
        trend(0, 1, 1)
