"""A claimed table beside ours: the paper's number, our estimate, and whether they agree."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.estimate import Estimate, estimate
from harness.expectations import TableMatch
from harness.measurement import Measurement, select
from harness.paper import Cell, ClaimedTable
from harness.report.document import Agreement
from harness.report.material import Material
from harness.settle import Region, place

_AGREEMENT: dict[str, Agreement] = {
    "inside": "agrees",
    "outside": "differs",
    "across": "undecided",
    "unknown": "undecided",
}


class ComparedCell(NamedTuple):
    """One number of the paper and what was measured for it, if anything was."""

    claimed: Cell
    here: Estimate | None
    """With a 95 % interval."""
    agreement: Agreement | None
    """`None` where nothing was measured."""


class Comparison(NamedTuple):
    """A claimed table and its cells, by row and column label."""

    table: ClaimedTable
    tolerance: float | None
    """Of the claim about this table; `None` where the paper spec has none."""
    cells: dict[tuple[str, str], ComparedCell]

    @property
    def measured(self) -> int:
        """How many cells have a number of ours."""
        return sum(cell.here is not None for cell in self.cells.values())

    def count(self, agreement: Agreement) -> int:
        """How many cells came out so."""
        return sum(cell.agreement == agreement for cell in self.cells.values())


def comparisons(material: Material) -> list[Comparison]:
    """Every claimed table of the paper with our numbers in its cells."""
    return [_compare(table, material) for table in material.paper.tables]


def _compare(table: ClaimedTable, material: Material) -> Comparison:
    tolerance = next(_tolerances(table, material), None)
    rows = [row for row in material.evidence if (row.metric, row.control) == (table.metric, None)]
    cells = {(cell.row, cell.column): _compare_cell(cell, tolerance, rows) for cell in table.cells}
    return Comparison(table, tolerance, cells)


def _tolerances(table: ClaimedTable, material: Material) -> Iterator[float]:
    for claim in material.paper.claims:
        if isinstance(claim.expects, TableMatch) and claim.expects.table == table.id:
            yield claim.expects.tolerance


def _compare_cell(cell: Cell, tolerance: float | None, rows: Sequence[Measurement]) -> ComparedCell:
    got = estimate(select(cell.quantity, rows))
    if got is None:
        return ComparedCell(cell, None, None)
    if tolerance is None:
        return ComparedCell(cell, got, _covers(got, cell.value))
    region = Region(cell.value - tolerance, cell.value + tolerance)
    return ComparedCell(cell, got, _AGREEMENT[place(got, region)])


def _covers(got: Estimate, value: float) -> Agreement:
    """Without a stated tolerance, all that can be said is whether the interval holds the number."""
    if got.low is None or got.high is None:
        return "undecided"
    return "agrees" if got.low <= value <= got.high else "differs"


def labels(comparison: Comparison) -> tuple[Sequence[str], Sequence[str]]:
    """Row and column labels, in the paper's order."""
    return list(comparison.table.rows), list(comparison.table.columns)
