"""What a claim demands, as a region and in words, and what the paper printed for it."""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from harness.expectations import (
    Bound,
    Equivalence,
    Expectation,
    Ordering,
    TableMatch,
    Trend,
    Value,
)
from harness.measurement import Quantity
from harness.paper import Claim, ClaimedTable, PaperSpec
from harness.report.wording import limit_text, telling_apart, words
from harness.settle import Region


def claimed_region(want: Expectation) -> Region | None:
    """Where the estimates must lie; `None` for a table, whose cells have each their own."""
    match want:
        case Value(target=target, tolerance=tolerance):
            return Region(target - tolerance, target + tolerance)
        case Bound(side="at_least", limit=limit):
            return Region(limit, None)
        case Bound(limit=limit):
            return Region(None, limit)
        case Equivalence(to=to, margin=margin):
            centre = 0.0 if isinstance(to, Quantity) else to
            return Region(centre - margin, centre + margin)
        case Ordering():
            return Region(0, None, open=True)
        case Trend(direction=direction):
            rises = direction == "increasing"
            return Region(0, None, open=True) if rises else Region(None, 0, open=True)
        case TableMatch():
            return None
        case _:
            assert_never(want)


def metric_of(paper: PaperSpec, claim: Claim) -> str:
    """The metric in whose unit the estimates of a claim are printed."""
    return paper.quantities(claim)[0].metric


def demanded(paper: PaperSpec, claim: Claim) -> str:
    """The expectation in a few words."""
    metric = metric_of(paper, claim)
    match claim.expects:
        case Value(target=target, tolerance=tolerance):
            return f"{limit_text(target, metric)} ± {limit_text(tolerance, metric)}"
        case Bound(side=side, limit=limit):
            return f"{words(side)} {limit_text(limit, metric)}"
        case Equivalence(quantity=quantity, to=to, margin=margin):
            return f"{_equal(quantity, to)}, within {limit_text(margin, metric)}"
        case Ordering(descending=descending):
            return " > ".join(telling_apart(descending).values())
        case Trend(along=along, direction=direction):
            return f"{direction} along {words(along)}"
        case TableMatch(table=table, cells=cells, tolerance=tolerance):
            total = len(list(paper.table(table).cells))
            return f"{cells:.0%} of {total} cells within {limit_text(tolerance, metric)}"
        case _:
            assert_never(claim.expects)


def _equal(quantity: Quantity, to: float | Quantity) -> str:
    if isinstance(to, Quantity):
        return " = ".join(telling_apart([quantity, to]).values())
    return limit_text(to, quantity.metric)


def grounds(want: Expectation) -> str | None:
    """Why the limit or tolerance lies where it does, as the paper spec says."""
    match want:
        case Value(tolerance_from=reason) | TableMatch(tolerance_from=reason):
            return reason
        case Bound(limit_from=reason) | Equivalence(margin_from=reason):
            return reason
        case Ordering() | Trend():
            return None
        case _:
            assert_never(want)


class Printed(NamedTuple):
    """The numbers that one table of the paper gives for the quantities of a claim."""

    table: ClaimedTable
    values: tuple[float, ...]


def printed(paper: PaperSpec, claim: Claim) -> list[Printed]:
    """One entry a table that prints every quantity of the claim, in its order."""
    found: list[Printed] = []
    for table in paper.tables:
        hits = [list(_hits(table, quantity)) for quantity in paper.quantities(claim)]
        if all(len(values) == 1 for values in hits):
            found.append(Printed(table, tuple(values[0] for values in hits)))
    return found


def _hits(table: ClaimedTable, quantity: Quantity) -> Iterator[float]:
    return (cell.value for cell in table.cells if _same(cell.quantity, quantity))


def _same(cell: Quantity, quantity: Quantity) -> bool:
    """Whether two quantities agree, one of them perhaps naming conditions the other leaves open."""
    if cell.metric != quantity.metric or cell.control != quantity.control:
        return False
    shared = cell.where.keys() & quantity.where.keys()
    nested = shared in (cell.where.keys(), quantity.where.keys())
    return nested and bool(shared) and all(cell.where[key] == quantity.where[key] for key in shared)
