"""The weighted sums of quantities that expectations ask about, and the lead over a control."""

from collections.abc import Sequence
from itertools import pairwise
from typing import assert_never

from harness.estimate import Estimate, Term, contrast
from harness.expectations import (
    Bound,
    Equivalence,
    Expectation,
    Ordering,
    TableMatch,
    Trend,
    Value,
)
from harness.measurement import Measurement, Quantity, select

LEVEL = 0.95
"""Two-sided confidence level of every interval that decides."""


def difference(
    pair: tuple[Quantity, Quantity],
    sign: int,
    measured: Sequence[Measurement],
    control: str | None,
) -> list[Term]:
    """`sign` times what the first quantity of a pair exceeds the second by."""
    left, right = pair
    return [term(sign, left, measured, control), term(-sign, right, measured, control)]


def _scaled(factor: float, terms: Sequence[Term]) -> list[Term]:
    return [Term(factor * term.weight, term.rows) for term in terms]


def term(
    weight: float, quantity: Quantity, measured: Sequence[Measurement], control: str | None
) -> Term:
    """A weighted quantity, as the real thing or a control gives it."""
    wanted = quantity if control is None else quantity.under(control)
    return Term(weight, select(wanted, measured))


def slope_terms(want: Trend, measured: Sequence[Measurement], control: str | None) -> list[Term]:
    """Least squares is a weighted sum: (x - mean x) / sum of squares."""
    centre = sum(want.at) / len(want.at)
    squares = sum((x - centre) ** 2 for x in want.at)
    return [
        term((x - centre) / squares, quantity, measured, control)
        for x, quantity in zip(want.at, want.quantities, strict=True)
    ]


def lead_over(want: Expectation, measured: Sequence[Measurement], control: str) -> Estimate | None:
    """How far the real thing is ahead of the control in the claimed direction.

    The smallest lead where there are several; `None` for expectations without a direction.
    """
    match want:
        case Bound():
            sign = 1 if want.side == "at_least" else -1
            real = [[term(sign, want.quantity, measured, None)]]
            fake = [[term(-sign, want.quantity, measured, control)]]
        case Ordering():
            pairs = list(pairwise(want.descending))
            real = [difference(pair, 1, measured, None) for pair in pairs]
            fake = [difference(pair, -1, measured, control) for pair in pairs]
        case Trend():
            sign = 1 if want.direction == "increasing" else -1
            real = [_scaled(sign, slope_terms(want, measured, None))]
            fake = [_scaled(-sign, slope_terms(want, measured, control))]
        case Value() | TableMatch() | Equivalence():
            return None
        case _:
            assert_never(want)
    leads = [contrast(a + b, level=LEVEL) for a, b in zip(real, fake, strict=True)]
    known = [lead for lead in leads if lead is not None]
    return min(known, key=lambda lead: lead.mean if lead.low is None else lead.low)
