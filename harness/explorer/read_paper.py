"""A paper spec as the feed tells it."""

from harness.explorer.feed import FeedClaim, FeedPaper, PrintedNumber
from harness.paper import Claim, PaperSpec
from harness.report.limits import Printed, demanded, grounds, printed
from harness.report.wording import number


def feed_paper(paper: PaperSpec) -> FeedPaper:
    """The paper with its claims in its order."""
    return FeedPaper(
        id=paper.id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        url=paper.url,
        topics=paper.topics,
        models=paper.setup.models,
        claims=tuple(_claim(paper, claim) for claim in paper.claims),
    )


def _claim(paper: PaperSpec, claim: Claim) -> FeedClaim:
    return FeedClaim(
        id=claim.id,
        statement=claim.statement,
        scope=claim.scope,
        section=claim.source.section,
        quote=claim.source.quote,
        status=claim.source.status,
        demands=demanded(paper, claim),
        grounds=grounds(claim.expects),
        controls=claim.controls,
        printed=tuple(map(_printed, printed(paper, claim))),
    )


def _printed(found: Printed) -> PrintedNumber:
    shown = [number(value, found.table.metric, digits=2) for value in found.values]
    return PrintedNumber(
        table=found.table.id,
        values=found.values,
        text=" vs ".join(shown),
        status=found.table.source.status,
    )
