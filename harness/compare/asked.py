"""The numbers that a claim asks for, as weighted sums of quantities, with the paper's own."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, assert_never

from harness.estimate import Term
from harness.expectations import Bound, Equivalence, Ordering, TableMatch, Trend, Value
from harness.measurement import Measurement, Quantity
from harness.paper import Claim, PaperSpec
from harness.report.limits import printed
from harness.terms import slope_terms, term

Parts = tuple[tuple[float, Quantity], ...]


class Asked(NamedTuple):
    """One number: a quantity, a difference of two, or a slope."""

    name: str
    """As a verdict names it."""
    parts: Parts
    """Weights and the quantities that they belong to."""
    paper: float | None
    """What the paper gives for it; `None` where it prints no number."""

    def terms(self, measured: Sequence[Measurement]) -> list[Term]:
        """The weights with the rows that one replication has, its controls left out.

        Raises `HarnessError` where a quantity is ambiguous.
        """
        return [term(weight, quantity, measured, None) for weight, quantity in self.parts]


def asked(paper: PaperSpec, claim: Claim) -> list[Asked]:
    """Every number of a claim, in the order of its verdict's estimates."""
    match claim.expects:
        case Value(quantity=quantity, target=target):
            return [Asked(str(quantity), ((1.0, quantity),), target)]
        case TableMatch(table=table):
            return [
                Asked(f"{cell.row} / {cell.column}", ((1.0, cell.quantity),), cell.value)
                for cell in paper.table(table).cells
            ]
        case Equivalence(quantity=quantity, to=Quantity() as to):
            sums = [_minus(quantity, to)]
        case Bound(quantity=quantity) | Equivalence(quantity=quantity):
            sums: list[tuple[str, Parts]] = [(str(quantity), ((1.0, quantity),))]
        case Ordering(descending=descending):
            sums = [_minus(left, right) for left, right in pairwise(descending)]
        case Trend():
            sums = [_slope(claim.expects)]
        case _:
            assert_never(claim.expects)
    numbers = _printed(paper, claim)
    return [Asked(name, parts, _sum(parts, numbers)) for name, parts in sums]


def _minus(left: Quantity, right: Quantity) -> tuple[str, Parts]:
    return f"{left} - {right}", ((1.0, left), (-1.0, right))


def _slope(want: Trend) -> tuple[str, Parts]:
    weights = [each.weight for each in slope_terms(want, (), None)]
    name = f"slope of {want.quantity} along {want.along}"
    return name, tuple(zip(weights, want.quantities, strict=True))


def _printed(paper: PaperSpec, claim: Claim) -> dict[str, float]:
    """What the first table that prints all the claim's quantities gives for each."""
    tables = printed(paper, claim)
    names = map(str, paper.quantities(claim))
    return dict(zip(names, tables[0].values, strict=True)) if tables else {}


def _sum(parts: Parts, numbers: dict[str, float]) -> float | None:
    if not numbers:
        return None
    return sum(weight * numbers[str(quantity)] for weight, quantity in parts)
