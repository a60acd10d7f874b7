"""The names, digits and words that pages, figures and terminals of a comparison share."""

from collections.abc import Sequence

from harness.compare.side_by_side import ClaimDifference, Numbers
from harness.estimate import Estimate
from harness.examine import NamedEstimate
from harness.paper import Claim, PaperSpec
from harness.report.estimates import Shown, shown

MOST = 4
"""Numbers of one claim that fit in a row; a claim with more has a table of its own."""

WORDS: dict[Numbers, str] = {
    "differ": "differ significantly",
    "not_told_apart": "cannot be told apart",
    "no_interval": "no interval",
}


def claim_of(paper: PaperSpec, claim: str) -> Claim:
    """The claim of that id."""
    return next(each for each in paper.claims if each.id == claim)


def named(
    claim: ClaimDifference, paper: PaperSpec, estimates: Sequence[Estimate | None]
) -> list[Shown]:
    """Estimates of the claim's numbers, with names and digits as reports print them.

    Those that are `None` are left out.
    """
    given = [
        NamedEstimate(name=each.name, estimate=got)
        for each, got in zip(claim.quantities, estimates, strict=True)
        if got is not None
    ]
    return shown(paper, claim_of(paper, claim.claim), given)
