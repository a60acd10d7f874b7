"""Whether a quote stands in a text, and on which page. Case and words count."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from harness.quotes.folding import Folded, Found, Span, fold

SHORTEST = 12
"""Characters that a quote, or a part of it between ellipses, has at least."""
LONGEST = 4000
"""Characters that a quote has at most."""
FARTHEST = 5000
"""Characters between two parts of a quote at most, about a page: farther apart they are two."""
_ELLIPSIS = re.compile(r"\[\.\.\.\]|\[…\]|\.\.\.|…")


def find_quote(quote: str, text: str) -> Found | None:
    """Where the quote begins in the text; `None` where it does not stand there.

    An ellipsis splits a quote into parts that stand in the text in order, about a page apart at
    most. A quote that `why_unfit` refuses is not found.
    """
    if why_unfit(quote):
        return None
    folded = _folded(text)
    whole = next(folded.every(fold(quote).flat), None)
    if whole is not None:
        return folded.locate(whole.start)
    parts = _parts(quote)
    if not parts or any(len(part) < SHORTEST for part in parts):
        return None
    return _in_order(parts, folded)


def why_unfit(quote: str) -> str | None:
    """Why a quote locates nothing; `None` where it may."""
    plain = " ".join(quote.split())
    if len(plain) < SHORTEST or len(plain.split()) < 2:
        return f"too short to locate; a quote has {SHORTEST} characters and two words or more"
    if len(plain) > LONGEST:
        return f"too long; a quote has at most {LONGEST} characters"
    return None


def short_part(quote: str) -> str | None:
    """The first part between ellipses that is too short to locate."""
    parts = _parts(quote)
    return next((part for part in parts if len(parts) > 1 and len(part) < SHORTEST), None)


def _parts(quote: str) -> list[str]:
    folded = (fold(part).flat for part in _ELLIPSIS.split(quote))
    return [part for part in folded if part]


def _in_order(parts: list[str], folded: Folded) -> Found | None:
    """The first chain of parts in which each begins `FARTHEST` or less behind the one before."""
    chains = [(span.end, span.start) for span in folded.every(parts[0])]
    for part in parts[1:]:
        chains = list(_go_on(chains, folded.every(part)))
    return folded.locate(chains[0][1]) if chains else None


def _go_on(chains: list[tuple[int, int]], spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """End and beginning of each chain with one part more; both are gone through once."""
    at = 0
    for span in spans:
        while at < len(chains) and chains[at][0] < span.start - FARTHEST:
            at += 1
        if at < len(chains) and chains[at][0] <= span.start:
            yield span.end, chains[at][1]


@lru_cache(maxsize=2)
def _folded(text: str) -> Folded:
    """The quotes of a paper are looked up in one text."""
    return fold(text)
