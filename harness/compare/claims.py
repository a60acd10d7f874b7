"""The table of what both replications measured: the paper's number, A, B, and B - A."""

from collections.abc import Sequence

from harness.compare.named import MOST, WORDS, claim_of, named
from harness.compare.side_by_side import ClaimDifference, QuantityDifference, SideBySide
from harness.estimate import Estimate
from harness.examine import Outcome
from harness.paper import PaperSpec
from harness.report.document import (
    Badge,
    Block,
    Details,
    Heading,
    Line,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.limits import metric_of
from harness.report.marks import LOOKS
from harness.report.wording import DASH, counted, number, shortened, with_interval

_LEGEND = (
    "B − A is the second replication's number minus the first's; brackets hold 95 % intervals over "
    "units and seeds, unit by unit where both scored the very same ones (“paired”). Numbers differ "
    "significantly where the interval leaves out 0, at a level that allows for the claim's other "
    "numbers but not for the other claims: of 20 claims about equal numbers one comes out so by "
    "chance. “Cannot be told apart” is not “equal”: the interval says how far apart they may be."
)


def claims_section(found: SideBySide, paper: PaperSpec) -> list[Block]:
    """One row a claim; the numbers of a claim with many are folded below."""
    if not found.compared:
        return []
    head = ("Claim", "Paper", "A", "B", "B − A", "Numbers")
    rows = tuple(_claim_row(claim, paper) for claim in found.compared)
    many = [claim for claim in found.compared if len(claim.quantities) > MOST]
    return [
        Heading(2, "Claims that both measured", "claims"),
        Table(head, rows),
        *(_cells(claim, paper) for claim in many),
        Paragraph((Small(_LEGEND),)),
    ]


def _claim_row(claim: ClaimDifference, paper: PaperSpec) -> tuple[TableCell, ...]:
    about = TableCell(((shortened(claim.statement, 160),), (Small(claim.claim),)))
    if len(claim.quantities) > MOST:
        measured = sum(each.difference is not None for each in claim.quantities)
        differing = sum(each.numbers == "differ" for each in claim.quantities)
        told = f"{differing} of {measured} numbers differ significantly"
        numbers = (cell(verdict_mark(claim.first)), cell(verdict_mark(claim.second)), cell(told))
    else:
        numbers = (
            _estimates(claim, paper, claim.first, [each.first for each in claim.quantities]),
            _estimates(claim, paper, claim.second, [each.second for each in claim.quantities]),
            _differences(claim, paper),
        )
    return (about, _paper_cell(claim, paper), *numbers, _agreement(claim))


def verdict_mark(outcome: Outcome | None) -> Badge | str:
    """The outcome as a badge; a dash where the paper spec has no such claim."""
    return Badge(outcome, LOOKS[outcome].word) if outcome else DASH


def _paper_cell(claim: ClaimDifference, paper: PaperSpec) -> TableCell:
    needs: Line = (Small(f"needs: {claim.demands}"),)
    if len(claim.quantities) > MOST:
        return TableCell((needs,))
    return TableCell((*((each,) for each in _papers(claim, paper) if each != DASH), needs))


def _papers(claim: ClaimDifference, paper: PaperSpec) -> list[str]:
    metric = metric_of(paper, claim_of(paper, claim.claim))
    return [number(each.paper, metric) for each in claim.quantities]


def _estimates(
    claim: ClaimDifference,
    paper: PaperSpec,
    outcome: Outcome | None,
    estimates: Sequence[Estimate | None],
) -> TableCell:
    lines: list[Line] = [(verdict_mark(outcome),)]
    for each in named(claim, paper, estimates):
        lines += [(each.text,), *([(Small(each.name),)] if each.name else [])]
    return TableCell(tuple(lines))


def _differences(claim: ClaimDifference, paper: PaperSpec) -> TableCell:
    paired = {each.name for each in claim.quantities if each.paired}
    lines: list[Line] = []
    for each in named(claim, paper, [each.difference for each in claim.quantities]):
        lines.append((Strong(each.text),))
        note = [each.name] * bool(each.name) + ["paired"] * (each.full_name in paired)
        lines += [(Small(", ".join(note)),)] if note else []
    return TableCell(tuple(lines))


def _agreement(claim: ClaimDifference) -> TableCell:
    same = "same verdict" if claim.same_verdict else "different verdicts"
    assert claim.numbers is not None, claim
    tone = "differs" if claim.numbers == "differ" else "undecided"
    return TableCell(((WORDS[claim.numbers],), (Small(same),)), tone)


def _cells(claim: ClaimDifference, paper: PaperSpec) -> Details:
    rows = tuple(
        row
        for each in claim.quantities
        if each.difference
        for row in [_cell_row(claim, each, paper)]
    )
    head = ("Number", "Paper", "A", "B", "B − A", "Numbers")
    summary: Line = (Strong(claim.claim), f": {counted(len(rows), 'number')} measured in both")
    return Details(summary, (Table(head, rows),), f"cells-{claim.claim}")


def _cell_row(
    claim: ClaimDifference, each: QuantityDifference, paper: PaperSpec
) -> tuple[TableCell, ...]:
    metric = metric_of(paper, claim_of(paper, claim.claim))
    assert each.numbers is not None, each
    return (
        cell(each.name),
        cell(number(each.paper, metric)),
        cell(with_interval(each.first, metric)),
        cell(with_interval(each.second, metric)),
        cell(with_interval(each.difference, metric), Small(" paired" if each.paired else "")),
        cell(WORDS[each.numbers]),
    )
