"""The page of a comparison: what was compared, each claim side by side, what could not be."""

from collections.abc import Sequence

from harness.compare.claims import claims_section, verdict_mark
from harness.compare.side_by_side import (
    Side,
    SideBySide,
)
from harness.examine import Outcome
from harness.paper import PaperSpec
from harness.report.document import (
    Badge,
    Block,
    Code,
    Commands,
    Details,
    Heading,
    Line,
    Link,
    Listing,
    Paragraph,
    Picture,
    Small,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.marks import LOOKS
from harness.report.wording import DASH, counted, short_title, shortened


def comparison_page(
    found: SideBySide, paper: PaperSpec, pictures: Sequence[Picture]
) -> list[Block]:
    """Everything that was compared, then what was not, each with its reason."""
    return [
        *_top(found, paper),
        *pictures,
        *claims_section(found, paper),
        *_left_out(found),
        *_unmeasured(found),
        Heading(2, "Compare again", "again"),
        Commands(f"harness compare {found.first.replication} {found.second.replication}"),
        Paragraph(("All numbers: ", Link("compare.csv", "compare.csv"), ".")),
    ]


def summary(found: SideBySide) -> str:
    """What the comparison found, in one sentence."""
    compared = found.compared
    same = sum(claim.same_verdict for claim in compared)
    return (
        f"{counted(len(compared), 'claim')} measured in both: {same} with the same verdict; "
        f"numbers of {found.count('differ')} differ significantly, of "
        f"{found.count('not_told_apart')} cannot be told apart"
    )


def _top(found: SideBySide, paper: PaperSpec) -> list[Block]:
    rows = (
        _side_row("A", found.first, [claim.first for claim in found.claims]),
        _side_row("B", found.second, [claim.second for claim in found.claims]),
    )
    return [
        Heading(1, f"{short_title(found.title)}: two replications compared", "top"),
        Paragraph(("Paper: ", Link(paper.title, str(paper.url)))),
        Table(("", "Replication", "Models", "By", "Code", "Verdicts"), rows),
        Paragraph((Strong(f"{summary(found)}."),)),
    ]


def _side_row(letter: str, side: Side, outcomes: Sequence[Outcome | None]) -> tuple[TableCell, ...]:
    lines: list[Line] = []
    for outcome, look in LOOKS.items():
        if count := sum(each == outcome for each in outcomes):
            lines.append((Badge(outcome, f"{count} {look.word}"),))
    return (
        cell(Strong(letter)),
        cell(Code(side.replication)),
        cell(", ".join(side.models) or DASH),
        cell(", ".join(side.authors) or DASH),
        cell(Code(side.commit[:10]) if side.commit else DASH),
        TableCell(tuple(lines)),
    )


def _left_out(found: SideBySide) -> list[Block]:
    if not found.left_out:
        return []
    rows = tuple(
        (
            TableCell(((shortened(each.statement, 160),), (Small(each.claim),))),
            cell(verdict_mark(each.first)),
            cell(verdict_mark(each.second)),
            cell(each.why or DASH),
        )
        for each in found.left_out
    )
    head = ("Claim", "A", "B", "Why not compared")
    return [Heading(2, "Claims that cannot be compared", "left-out"), Table(head, rows)]


def _unmeasured(found: SideBySide) -> list[Block]:
    if not found.unmeasured:
        return []
    items = tuple((Code(each.claim), f": {each.why}") for each in found.unmeasured)
    summary: Line = (f"{counted(len(items), 'claim')} measured in neither, with the reasons",)
    return [Details(summary, (Listing(items),), "unmeasured")]
