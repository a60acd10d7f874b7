"""Numbers of a paper spec that their metric cannot take, such as per cent for a fraction."""

from collections.abc import Iterator

from harness.check.places import Keys, Misplaced, dotted
from harness.expectations import Bound, Equivalence, Value
from harness.measurement import Quantity
from harness.metrics import get_metric
from harness.paper import Claim, PaperSpec


def impossible_numbers(paper: PaperSpec) -> Iterator[str]:
    """Numbers outside of their metric's range, such as per cent where a fraction is meant."""
    for wrong in impossible(paper):
        yield f"papers/{paper.id}/paper.yaml: {dotted(wrong.keys)}: {wrong.message}"


def impossible(paper: PaperSpec) -> Iterator[Misplaced]:
    """As `impossible_numbers`, with the keys apart."""
    for keys, name, quantity, value in _numbers(paper):
        metric = get_metric(quantity.metric)
        if not metric.allows(value):
            known = (metric.low, metric.high)
            span = " to ".join("any" if end is None else f"{end:g}" for end in known)
            told = f"{value:g} is outside the range of {metric.name}: {span}"
            yield Misplaced(keys, f"{name}: {told}, in its unit {metric.unit!r}")


def _numbers(paper: PaperSpec) -> Iterator[tuple[Keys, str, Quantity, float]]:
    """Every number, with where it stands and what it is of."""
    for place, claim in enumerate(paper.claims):
        for number in _number(claim):
            yield ("claims", place, "expects"), f"claim {claim.id}", *number
    for place, table in enumerate(paper.tables):
        for cell in table.cells:
            name = f"table {table.id}: {cell.row} / {cell.column}"
            yield ("tables", place, "values", cell.row), name, cell.quantity, cell.value


def _number(claim: Claim) -> list[tuple[Quantity, float]]:
    match claim.expects:
        case Value(quantity=quantity, target=value) | Bound(quantity=quantity, limit=value):
            return [(quantity, value)]
        case Equivalence(quantity=quantity, to=float(value)):
            return [(quantity, value)]
        case _:
            return []
