"""What a reader must know to weigh the numbers: deviations, what was left out, what crashed."""

from harness.report.document import Block, Code, Heading, Listing, Paragraph, Table, cell
from harness.report.material import Material
from harness.report.wording import DASH, words


def deviations_section(material: Material) -> list[Block]:
    """What was done otherwise than in the paper."""
    heading = Heading(2, "Deviations from the paper", "deviations")
    if not material.spec.deviations:
        return [heading, Paragraph(("No deviation is declared.",))]
    rows = tuple(
        (cell(words(each.what)), cell(each.paper), cell(each.here), cell(each.why))
        for each in material.spec.deviations
    )
    return [heading, Table(("What", "Paper", "Here", "Why"), rows)]


def untested_section(material: Material) -> list[Block]:
    """Claims that no measurement touches, with the reason."""
    untested = [pair for pair in material.judged_pairs if pair[1].outcome == "not_tested"]
    if not untested:
        return []
    rows = tuple(
        (cell(Code(claim.id)), cell(claim.statement), cell(verdict.reason or DASH))
        for claim, verdict in untested
    )
    return [
        Heading(2, "Claims not tested", "untested"),
        Table(("Claim", "Statement", "Why not"), rows),
    ]


def failures_section(material: Material) -> list[Block]:
    """Experiments that crashed; they are tried again at the next run."""
    if not material.failures:
        return []
    items = tuple((Code(each.experiment), f": {each.error}") for each in material.failures)
    return [
        Heading(2, "Experiments that failed", "failures"),
        Paragraph(("A crash is no evidence either way; the next run tries again.",)),
        Listing(items),
    ]
