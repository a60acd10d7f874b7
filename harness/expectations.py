"""The six forms that a claim's expectation takes. Data only; judging is `examine.py`."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from harness.measurement import Quantity
from harness.metrics import get_metric
from harness.record import HarnessError, Record

Positive = Annotated[float, Field(gt=0)]


class Value(Record):
    """The quantity lies within `tolerance` of the paper's number."""

    kind: Literal["value"]
    quantity: Quantity
    target: float
    tolerance: Positive
    tolerance_from: str
    """Why this wide: the paper's own spread (prediction interval), or a stated margin."""


class Bound(Record):
    """The quantity lies beyond a limit that chance does not reach."""

    kind: Literal["bound"]
    quantity: Quantity
    side: Literal["at_least", "at_most"]
    limit: float
    limit_from: str | None = None
    """Why there, where the limit is not the paper's own number."""

    @model_validator(mode="after")
    def _limit_beats_chance(self) -> Self:
        chance = get_metric(self.quantity.metric).chance
        if chance is None:
            return self
        reached = self.limit <= chance if self.side == "at_least" else self.limit >= chance
        if reached:
            raise HarnessError(
                f"limit: {self.side} {self.limit:g} is met by chance ({chance:g}); a limit must "
                f"lie {'above' if self.side == 'at_least' else 'below'} it"
            )
        return self


class Ordering(Record):
    """Each quantity exceeds the next."""

    kind: Literal["ordering"]
    descending: Annotated[tuple[Quantity, ...], Field(min_length=2)]


class Trend(Record):
    """The least-squares slope of a quantity along a numeric condition has a sign."""

    kind: Literal["trend"]
    quantity: Quantity
    along: str
    at: Annotated[tuple[float, ...], Field(min_length=3)]
    """Values of the condition `along`, in its own units."""
    direction: Literal["increasing", "decreasing"]

    @field_validator("at")
    @classmethod
    def _places_differ(cls, at: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(at)) < len(at):
            raise HarnessError("a value stands twice; its rows would count twice")
        return at

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantity at each value of the condition."""
        where = self.quantity.where
        return tuple(
            self.quantity.model_copy(update={"where": {**where, self.along: value}})
            for value in self.at
        )


class TableMatch(Record):
    """A share of a claimed table's cells lies within `tolerance` of the paper's numbers."""

    kind: Literal["table"]
    table: str
    tolerance: Positive
    tolerance_from: str
    cells: Annotated[float, Field(gt=0.5, le=1)]
    """Fraction of cells that must agree."""


class Equivalence(Record):
    """The quantity differs from `to` by less than `margin`: the form of a "no effect" claim."""

    kind: Literal["equivalence"]
    quantity: Quantity
    to: float | Quantity
    margin: Positive
    margin_from: str


Expectation = Annotated[
    Value | Bound | Ordering | Trend | TableMatch | Equivalence, Field(discriminator="kind")
]
