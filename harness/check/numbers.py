"""Numbers of a paper spec that their metric cannot take, such as per cent for a fraction."""

from collections.abc import Iterator

from harness.expectations import Bound, Equivalence, Value
from harness.measurement import Quantity
from harness.metrics import get_metric
from harness.paper import Claim, PaperSpec


def impossible_numbers(paper: PaperSpec) -> Iterator[str]:
    """Numbers outside of their metric's range, such as per cent where a fraction is meant."""
    numbers = [
        (f"claim {claim.id}", *number) for claim in paper.claims for number in _number(claim)
    ]
    numbers += [
        (f"table {table.id}: {cell.row} / {cell.column}", cell.quantity, cell.value)
        for table in paper.tables
        for cell in table.cells
    ]
    for place, quantity, value in numbers:
        metric = get_metric(quantity.metric)
        if not metric.allows(value):
            known = (metric.low, metric.high)
            span = " to ".join("any" if end is None else f"{end:g}" for end in known)
            yield (
                f"papers/{paper.id}/paper.yaml: {place}: {value:g} is outside the range of "
                f"{metric.name}: {span}, in its unit {metric.unit!r}"
            )


def _number(claim: Claim) -> list[tuple[Quantity, float]]:
    match claim.expects:
        case Value(quantity=quantity, target=value) | Bound(quantity=quantity, limit=value):
            return [(quantity, value)]
        case Equivalence(quantity=quantity, to=float(value)):
            return [(quantity, value)]
        case _:
            return []
