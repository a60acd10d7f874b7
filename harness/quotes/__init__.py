"""Quotes and numbers in the text of a paper."""

from harness.quotes.finding import find_quote, short_part, why_unfit
from harness.quotes.folding import Found, page_mark
from harness.quotes.numbers import Number, number_stands, numbers_in, stands_among

__all__ = [
    "Found",
    "Number",
    "find_quote",
    "number_stands",
    "numbers_in",
    "page_mark",
    "short_part",
    "stands_among",
    "why_unfit",
]
