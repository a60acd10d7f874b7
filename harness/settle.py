"""Where an interval lies against the region in which a claim holds, and what it takes to know."""

from math import ceil
from typing import Literal, NamedTuple

from harness.estimate import Estimate

Place = Literal["inside", "outside", "across", "unknown"]

_Z = 1.96 + 0.84
"""Half-width of the interval plus 80 % power, in standard errors."""


class Region(NamedTuple):
    """The values of a quantity for which a claim holds; `None` is unbounded on that side."""

    low: float | None
    high: float | None
    open: bool = False
    """Whether the limits themselves are outside."""

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            return f"must lie in {self.low:.4g} to {self.high:.4g}"
        if self.low is not None:
            return f"must be {'above' if self.open else 'at least'} {self.low:.4g}"
        return f"must be {'below' if self.open else 'at most'} {self.high:.4g}"


def place(got: Estimate, region: Region) -> Place:
    """Whether the interval lies inside, outside or across the region."""
    if got.low is None or got.high is None:
        return "unknown"
    above = region.low is None or got.low >= region.low
    below = region.high is None or got.high <= region.high
    if region.open:
        above = region.low is None or got.low > region.low
        below = region.high is None or got.high < region.high
    if above and below:
        return "inside"
    under = region.low is not None and got.high < region.low
    over = region.high is not None and got.low > region.high
    return "outside" if under or over else "across"


def more_data(got: Estimate, region: Region) -> str:
    """How many units (or seeds, where they dominate) would settle it, with 80 % power.

    Where all scores are equal, the interval that is left shrinks as 1/n.
    """
    assert got.stderr is not None and got.low is not None and got.high is not None, got
    ends = [end for end in (region.low, region.high) if end is not None]
    nearest = min(abs(got.mean - end) for end in ends)
    if nearest < 1e-12:
        return "the estimate lies on the limit: no number of units would settle it"
    factor = (_Z * got.stderr / nearest) ** 2
    if got.stderr == 0:
        factor = max(got.mean - got.low, got.high - got.mean) / nearest
    factor = max(factor, 1.0)
    from_seeds = (got.seed_stderr or 0.0) ** 2 > got.stderr**2 / 2
    unit, count = ("seeds", got.seeds) if from_seeds else ("units", got.n)
    return f"about {ceil(count * factor):,} {unit} would settle it, against {count:,} here"
