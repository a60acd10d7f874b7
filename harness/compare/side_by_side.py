"""What the comparison of two replications consists of."""

from typing import Literal

from harness.estimate import Estimate
from harness.examine import Outcome
from harness.record import Record

Numbers = Literal["differ", "not_told_apart", "no_interval"]
"""What the intervals of differences say of two replications' numbers."""


class QuantityDifference(Record):
    """One number of a claim in both replications."""

    name: str
    """As the verdict names it."""
    paper: float | None
    """The paper's own number; `None` where it prints none."""
    first: Estimate | None
    second: Estimate | None
    difference: Estimate | None
    """The second minus the first, with a 95 % interval; `None` where one was not measured."""
    paired: bool
    """Whether both scored the very same units, and so were compared unit by unit."""
    numbers: Numbers | None
    """By an interval at a level that allows for the claim's other numbers."""


class ClaimDifference(Record):
    """One claim in both replications."""

    claim: str
    statement: str
    demands: str
    """The expectation in a few words."""
    first: Outcome | None
    """`None` where that replication's paper spec has no such claim."""
    second: Outcome | None
    measured: Literal["both", "first", "second", "neither"]
    why: str | None
    """Why no number is compared; `None` where one is."""
    quantities: tuple[QuantityDifference, ...]
    """Empty where the paper specs do not ask for the same numbers."""

    @property
    def same_verdict(self) -> bool:
        """Whether both came out alike."""
        return self.first == self.second

    @property
    def numbers(self) -> Numbers | None:
        """`differ` where any number does; `None` where none was measured in both."""
        found = {each.numbers for each in self.quantities}
        ranked: tuple[Numbers, ...] = ("differ", "no_interval", "not_told_apart")
        return next((kind for kind in ranked if kind in found), None)


class Side(Record):
    """One of the two replications."""

    replication: str
    """`replications/<paper>/<id>`."""
    models: tuple[str, ...]
    authors: tuple[str, ...]
    """Who measured; empty where nobody is named."""
    commit: str | None
    """Of the code that its numbers were measured with; `None` where that is unknown."""


class SideBySide(Record):
    """All claims of a paper in two replications."""

    paper: str
    title: str
    first: Side
    second: Side
    claims: tuple[ClaimDifference, ...]

    @property
    def compared(self) -> list[ClaimDifference]:
        """The claims with a number that both measured."""
        return [claim for claim in self.claims if claim.why is None]

    @property
    def left_out(self) -> list[ClaimDifference]:
        """The claims that at least one measured, and that cannot be compared."""
        return [each for each in self.claims if each.why and each.measured != "neither"]

    @property
    def unmeasured(self) -> list[ClaimDifference]:
        """The claims that neither measured."""
        return [each for each in self.claims if each.measured == "neither"]

    def count(self, numbers: Numbers) -> int:
        """How many compared claims' numbers came out so."""
        return sum(claim.numbers == numbers for claim in self.compared)
