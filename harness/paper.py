"""What a paper says: its claims and its tables, as data. Nothing here runs anything."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self, assert_never

from pydantic import Field, HttpUrl, model_validator

from harness.expectations import Bound, Equivalence, Expectation, Ordering, TableMatch, Trend, Value
from harness.measurement import Condition, Quantity
from harness.metrics import get_metric
from harness.problems import did_you_mean
from harness.record import HarnessError, Record

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
"""A name that is safe as part of a file name."""


class Source(Record):
    """Where in the paper: enough for a reader to find it in a minute."""

    section: str
    quote: str
    """The paper's words or cells; what it was computed from where nobody printed it."""
    version: str | None = None
    status: Literal["read", "artifact", "recomputed", "secondary"]
    """How the number was had. What is known from memory alone is no source."""


class Claim(Record):
    """One checkable statement of the paper."""

    id: Id
    statement: str
    source: Source
    scope: Literal["exact", "general"]
    """`exact`: a number of the paper's own set-up; `general`: what any such model shows."""
    expects: Expectation
    controls: tuple[str, ...] = ()
    """Controls that must fail the expectation for it to count as replicated."""
    presupposes: Bound | None = None
    """What a model must do at all for the claim to be about it. A model that cannot do a task is no
    evidence against a paper on how models do it."""


class Cell(NamedTuple):
    """One number of a claimed table."""

    row: str
    column: str
    quantity: Quantity
    value: float


class ClaimedTable(Record):
    """A table as the paper prints it; `values` holds one list a row, in the columns' order."""

    id: Id
    title: str
    source: Source
    metric: str
    common: dict[str, Condition] = Field(default_factory=dict)
    rows: dict[str, dict[str, Condition]]
    columns: dict[str, dict[str, Condition]]
    values: dict[str, tuple[float | None, ...]]
    """In the metric's unit; null where the paper leaves a cell empty."""

    @model_validator(mode="after")
    def _shape_is_consistent(self) -> Self:
        get_metric(self.metric)
        if set(self.values) != set(self.rows):
            odd = sorted(set(self.values) ^ set(self.rows))
            raise HarnessError(f"rows and values differ in {', '.join(odd)}")
        for row, cells in self.values.items():
            if len(cells) != len(self.columns):
                raise HarnessError(f"{row}: {len(cells)} values for {len(self.columns)} columns")
        return self

    @property
    def cells(self) -> Iterator[Cell]:
        """Every number of the table with the quantity that it is a value of."""
        for row, values in self.values.items():
            for column, value in zip(self.columns, values, strict=True):
                if value is not None:
                    where = {**self.common, **self.rows[row], **self.columns[column]}
                    yield Cell(row, column, Quantity(metric=self.metric, where=where), value)


class Setup(Record):
    """What the authors used, so that a replication's deviations can be detected."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    data: str
    """Source of the data as experiment specs name it."""
    hyperparameters: dict[str, Condition] = Field(default_factory=dict)
    """Values of experiment-spec fields that the authors used."""


class PaperSpec(Record):
    """A paper's claims, tables and set-up."""

    id: Id
    title: str
    authors: tuple[str, ...]
    year: int
    url: HttpUrl
    topics: tuple[str, ...] = ()
    setup: Setup
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    tables: tuple[ClaimedTable, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        for kind, ids in (
            ("claim", [claim.id for claim in self.claims]),
            ("table", [table.id for table in self.tables]),
        ):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise HarnessError(f"two {kind}s are called {', '.join(twice)}")
        for claim in self.claims:
            if isinstance(claim.expects, TableMatch):
                self.table(claim.expects.table)
        return self

    def table(self, table_id: str) -> ClaimedTable:
        """The claimed table of that id. Raises `HarnessError` with the valid ids."""
        for table in self.tables:
            if table.id == table_id:
                return table
        raise HarnessError(
            f"no table {table_id!r}{did_you_mean(table_id, [t.id for t in self.tables])}"
        )

    def quantities(self, claim: Claim) -> tuple[Quantity, ...]:
        """Every quantity that the claim's expectation needs, its controls left out."""
        match claim.expects:
            case Value() | Bound():
                return (claim.expects.quantity,)
            case Equivalence(quantity=quantity, to=to):
                return (quantity, to) if isinstance(to, Quantity) else (quantity,)
            case Ordering():
                return claim.expects.descending
            case Trend():
                return claim.expects.quantities
            case TableMatch():
                return tuple(cell.quantity for cell in self.table(claim.expects.table).cells)
            case _:
                assert_never(claim.expects)
