"""The comparison as CSV: one row a number, one row for a claim without any. Empty is None."""

import csv
from collections.abc import Iterator
from io import StringIO

from harness.compare.side_by_side import ClaimDifference, SideBySide
from harness.estimate import Estimate
from harness.report.wording import without_machine_paths

Field = str | int | float | bool | None
_ESTIMATE = ("mean", "low", "high", "n", "seeds")
_HEAD = ("claim", "verdict_a", "verdict_b", "measured", "why_not_compared")
_NUMBER = ("number", "paper", *(f"{side}_{key}" for side in ("a", "b") for key in _ESTIMATE))
_DIFFERENCE = ("difference", "difference_low", "difference_high", "paired", "numbers")


def comparison_csv(found: SideBySide) -> str:
    """The text of `compare.csv`."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_HEAD, *_NUMBER, *_DIFFERENCE))
    for claim in found.claims:
        writer.writerows([_public(value) for value in row] for row in _rows(claim))
    return text.getvalue()


def _rows(claim: ClaimDifference) -> Iterator[tuple[Field, ...]]:
    about = (claim.claim, claim.first, claim.second, claim.measured, claim.why)
    if not claim.quantities:
        yield (*about, *(None for _ in (*_NUMBER, *_DIFFERENCE)))
    for each in claim.quantities:
        lead = each.difference
        span = (lead.mean, lead.low, lead.high) if lead else (None, None, None)
        paired = each.paired if lead else None
        sides = (*_numbers(each.first), *_numbers(each.second))
        yield (*about, each.name, each.paper, *sides, *span, paired, each.numbers)


def _numbers(got: Estimate | None) -> tuple[Field, ...]:
    if got is None:
        return (None,) * len(_ESTIMATE)
    return got.mean, got.low, got.high, got.n, got.seeds


def _public(value: Field) -> Field:
    return without_machine_paths(value) if isinstance(value, str) else value
