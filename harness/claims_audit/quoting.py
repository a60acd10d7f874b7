"""A paper spec's quotes and numbers against the paper's text."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from harness.expectations import Bound, Value
from harness.metrics import get_metric
from harness.paper import Claim, ClaimedTable, PaperSpec, Source
from harness.quotes import (
    Number,
    find_quote,
    number_stands,
    numbers_in,
    short_part,
    stands_among,
    why_unfit,
)

QuoteState = Literal["found", "not_found", "unfit", "no_text", "not_checked"]
"""`unfit`: too short or too long to locate; `not_checked`: it was not read in the paper."""
NumberState = Literal["in_quote", "not_in_quote", "none_needed"]

_SHARES = ("fraction", "share", "probability", "difference of")
"""Beginnings of the units whose values papers print in per cent too."""


class Looked(NamedTuple):
    """What looking for a quote gave."""

    state: QuoteState
    page: int | None = None
    line: int | None = None


def look_up(source: Source, text: str | None) -> Looked:
    """Where a quote stands in the text; only what was read in the paper is looked for."""
    if source.status != "read":
        return Looked("not_checked")
    if text is None:
        return Looked("no_text")
    if why_unfit(source.quote):
        return Looked("unfit")
    found = find_quote(source.quote, text)
    return Looked("found", found.page, found.line) if found else Looked("not_found")


def number_state(claim: Claim) -> NumberState:
    """Whether the quote holds the number that the claim has from the paper.

    A limit that says where it is from, an order, a trend and a margin need none.
    """
    match claim.expects:
        case Value(quantity=quantity, target=value):
            pass
        case Bound(quantity=quantity, limit=value, limit_from=None):
            pass
        case _:
            return "none_needed"
    stands = number_stands(value, claim.source.quote, is_share=_is_share(quantity.metric))
    return "in_quote" if stands else "not_in_quote"


def missing_numbers(table: ClaimedTable, text: str) -> tuple[float, ...]:
    """Numbers of a claimed table that the text prints nowhere, in the table's order."""
    return _missing(table, _distinct(text))


def quote_problems(paper: PaperSpec, text: str, *, only_read: bool = False) -> list[str]:
    """What is wrong with quotes and numbers, one line each: `KEY: ID: what to do`.

    With `only_read` every source must be read in the text; else others are let pass.
    """
    problems: list[str] = []
    for place, claim in enumerate(paper.claims):
        where = f"claims[{place}]"
        problems += _source(f"{where}.source", claim.id, claim.source, text, only_read)
        if claim.source.status == "read" and number_state(claim) == "not_in_quote":
            problems.append(
                f"{where}.source.quote: {claim.id}: the number under `expects` does not stand in "
                "it; quote the words with the number"
            )
    printed = _distinct(text) if paper.tables else []
    for place, table in enumerate(paper.tables):
        where = f"tables[{place}]"
        problems += _source(f"{where}.source", table.id, table.source, text, only_read)
        missing = _missing(table, printed) if table.source.status == "read" else ()
        if missing:
            numbers = ", ".join(f"{value:g}" for value in missing)
            problems.append(
                f"{where}.values: {table.id}: the text prints no {numbers}; copy the cells as they "
                "stand, and leave null what is empty"
            )
    return problems


def _source(key: str, name: str, source: Source, text: str, only_read: bool) -> Iterator[str]:
    if source.status != "read":
        if only_read:
            yield f"{key}.status: {name}: {source.status!r}; quote the paper's text itself: read"
        return
    state = look_up(source, text).state
    if state == "unfit":
        yield f"{key}.quote: {name}: {why_unfit(source.quote)}"
    elif state == "not_found":
        short = short_part(source.quote)
        why = f" (its part {short!r} is too short to locate)" if short else ""
        yield (
            f"{key}.quote: {name}: not in the text{why}; copy the sentence or the cells letter by "
            "letter, with … only between parts that stand there in this order"
        )


def _missing(table: ClaimedTable, printed: list[Number]) -> tuple[float, ...]:
    is_share = _is_share(table.metric)
    values = dict.fromkeys(cell.value for cell in table.cells)
    return tuple(each for each in values if not stands_among(each, printed, is_share=is_share))


def _distinct(text: str) -> list[Number]:
    """Numbers as they are printed: 0.80 says more than 0.8."""
    found = {(each.value.as_tuple(), each.is_percent): each for each in numbers_in(text)}
    return list(found.values())


def _is_share(metric: str) -> bool:
    return get_metric(metric).unit.startswith(_SHARES)
