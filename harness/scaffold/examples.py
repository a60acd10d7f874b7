"""One example claim of each kind of expectation, commented out, on what an experiment measures."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import get_args

from harness.expectations import Bound, Equivalence, Ordering, TableMatch, Trend, Value
from harness.measurement import Quantity
from harness.scaffold.commented import comment, first_paragraph, flow
from harness.scaffold.measured import Measured
from harness.scaffold.starts import TO_WRITE

_UNKNOWN = f"{{metric: {TO_WRITE}, where: {{}}}}"
_KINDS = (Bound, Value, Ordering, Trend, Equivalence, TableMatch)


def example_claims(found: Sequence[Measured]) -> list[str]:
    """The lines of all six, each to be had by taking its `# ` away."""
    best, pair = _best(found), _pair(found)
    first, second = (flow_quantity(each) for each in pair) if pair else (_UNKNOWN, _UNKNOWN)
    quantity = flow_quantity(best.examples[0]) if best else _UNKNOWN
    controls = [f"controls: {flow(best.controls)}"] if best and best.controls else []
    bodies = (
        [*_bound(quantity), *controls],
        _value(quantity),
        ["kind: ordering", "descending:", f"  - {first}", f"  - {second}"],
        _trend(found),
        _equivalence(first, second),
        _table(),
    )
    lines: list[str] = []
    for kind, body in zip(_KINDS, bodies, strict=True):
        (name,) = get_args(kind.model_fields["kind"].annotation)
        lines += ["", *comment(f"--- {name}: {first_paragraph(kind)}", 2)]
        scope = "exact" if kind in (Value, TableMatch) else "general"
        lines += [f"  # {line}" for line in _claim(scope, body)]
    return lines


def example_table(found: Sequence[Measured]) -> list[str]:
    """A claimed table, commented out, for the claim that names it."""
    best = _best(found)
    metric = best.metric.name if best else TO_WRITE
    lines = (
        "tables:",
        "  - id: printed-table",
        f"    title: {TO_WRITE}",
        f"    source: {{section: {TO_WRITE}, quote: {TO_WRITE}, status: read}}",
        f"    metric: {metric}",
        "    common: {}  # conditions of all cells",
        f"    rows: {{first: {{{TO_WRITE}: {TO_WRITE}}}}}  # a row's name: its conditions",
        f"    columns: {{left: {{{TO_WRITE}: {TO_WRITE}}}}}",
        f"    values: {{first: [{TO_WRITE}]}}  # one list a row; null for an empty cell",
    )
    return [f"# {line}" for line in lines]


def flow_quantity(quantity: Quantity) -> str:
    """A quantity as claims write it."""
    return flow({"metric": quantity.metric, "where": quantity.where})


def _claim(scope: str, body: Sequence[str]) -> Iterator[str]:
    yield f'- id: "{TO_WRITE} a short name"'
    yield f'  statement: "{TO_WRITE} one sentence that can come out false"'
    yield "  source:"
    yield f'    section: "{TO_WRITE} where, such as sec. 4.1, Table 2"'
    yield "    status: read"
    yield f'    quote: "{TO_WRITE} the paper\'s words, verbatim, and the number if there is one"'
    yield f"  scope: {scope}"
    yield "  expects:"
    for line in body:
        yield f"  {line}" if line.startswith("controls") else f"    {line}"


def _bound(quantity: str) -> list[str]:
    return [
        "kind: bound",
        f"quantity: {quantity}",
        f'side: "{TO_WRITE} at_least or at_most"',
        f'limit: "{TO_WRITE} a number that chance does not reach"',
        f'limit_from: "{TO_WRITE} why there; leave the key out for the paper\'s own number"',
    ]


def _value(quantity: str) -> list[str]:
    return [
        "kind: value",
        f"quantity: {quantity}",
        f"target: \"{TO_WRITE} the paper's number, in the metric's unit\"",
        f'tolerance: "{TO_WRITE} a number"',
        f'tolerance_from: "{TO_WRITE} the paper\'s own spread, or a stated margin"',
    ]


def _trend(found: Sequence[Measured]) -> list[str]:
    quantity, along, places = _UNKNOWN, TO_WRITE, [TO_WRITE]
    for each in found:
        for key, values in each.where.items():
            numbers = sorted(value for value in values if not isinstance(value, str))
            if len(numbers) == len(values) >= 3:
                rest = {k: v for k, v in each.examples[0].where.items() if k != key}
                quantity = flow({"metric": each.metric.name, "where": rest})
                along, places = key, list(map(str, numbers))
                break
        if along != TO_WRITE:
            break
    return [
        "kind: trend",
        f"quantity: {quantity}",
        f"along: {along}",
        f"at: [{', '.join(places)}]",
        f'direction: "{TO_WRITE} increasing or decreasing"',
    ]


def _equivalence(first: str, second: str) -> list[str]:
    return [
        "kind: equivalence",
        f"quantity: {first}",
        f"to: {second}",
        f'margin: "{TO_WRITE} a number; smaller differences count as none"',
        f'margin_from: "{TO_WRITE} why so wide"',
    ]


def _table() -> list[str]:
    return [
        "kind: table",
        "table: printed-table",
        f'tolerance: "{TO_WRITE} a number"',
        f'tolerance_from: "{TO_WRITE} why so wide"',
        f'cells: "{TO_WRITE} share of cells that must agree, above 0.5"',
    ]


def _best(found: Sequence[Measured]) -> Measured | None:
    """What has controls, and a chance level that a limit must beat, makes the better example."""
    ranked = sorted(found, key=lambda each: (not each.controls, each.metric.chance is None))
    return ranked[0] if ranked else None


def _pair(found: Sequence[Measured]) -> tuple[Quantity, Quantity] | None:
    """Two quantities of one metric that one condition tells apart."""
    for each in sorted(found, key=lambda one: not one.controls):
        for first, second in combinations(each.examples[:40], 2):
            differ = [key for key in first.where if first.where[key] != second.where[key]]
            if len(differ) == 1:
                return first, second
    return None
