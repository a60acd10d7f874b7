"""Numbers as a text prints them, and whether a value is one of these."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

_NUMBER = re.compile(
    r"""(?<![\w.])(?=[-+]?\.?\d)(?P<sign>[-+])?       # a hyphen within a word is no sign
    (?P<digits>\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,30})?
    (?P<point>\.\d{1,30})?
    (?:e(?P<e>[-+]?\d{1,3})|\ ?[x×*·]\ ?10\^?\{?(?P<ten>[-+]?\d{1,3})\}?(?!\d))?
    (?P<percent>\ ?\\?%|\ per\ cent|\ percent)?""",
    re.VERBOSE,
)
_MINUS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u207b", "-"))
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_ENOUGH = 2
"""Significant digits of a printed number that a more precise value may be rounded to."""


class Number(NamedTuple):
    """A number as it is printed."""

    value: Decimal
    """Of per cent the number before the sign."""
    is_percent: bool


def numbers_in(text: str) -> tuple[Number, ...]:
    """Every number of a text, in order; `0.79`, `.79`, `10,000`, `1.2e-3`, `3 × 10⁻³`, `79 %`."""
    return tuple(_numbers(text.translate(_MINUS).translate(_RAISED)))


def number_stands(value: float, text: str, *, is_share: bool) -> bool:
    """Whether a text prints the value, or what it is rounded to at two digits or more.

    A share of one may be printed in per cent, with or without the sign. A negative value may be
    printed without its sign, which words say: "falls by 3.2".
    """
    return stands_among(value, numbers_in(text), is_share=is_share)


def stands_among(value: float, printed: Iterable[Number], *, is_share: bool) -> bool:
    """As `number_stands`, of numbers that were read before."""
    exact = Decimal(repr(value))
    return any(_is(exact, each, is_share=is_share) for each in printed)


def _numbers(text: str) -> Iterator[Number]:
    for found in _NUMBER.finditer(text):
        if not (found["digits"] or found["point"]):
            continue
        digits = (found["digits"] or "0").replace(",", "") + (found["point"] or "")
        value = Decimal((found["sign"] or "") + digits)
        power = int(found["e"] or found["ten"] or 0)
        yield Number(value.scaleb(power), found["percent"] is not None)


def _is(value: Decimal, printed: Number, *, is_share: bool) -> bool:
    scales = {(True, True): (-2,), (True, False): (-2, 0)}.get((is_share, printed.is_percent), (0,))
    candidates = [printed.value.scaleb(scale) for scale in scales]
    return any(_same(value, each) for each in candidates)


def _same(value: Decimal, printed: Decimal) -> bool:
    if value < 0 <= printed:
        value = -value
    if value == printed:
        return True
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int), printed
    is_precise_enough = len(printed.as_tuple().digits) >= _ENOUGH
    return is_precise_enough and abs(value - printed) * 2 <= Decimal(1).scaleb(exponent)
