"""The table of verdicts: each claim, the paper's number, ours, the control's, and the outcome."""

from collections.abc import Sequence

from harness.examine import Outcome
from harness.expectations import TableMatch
from harness.paper import Claim
from harness.report.document import (
    Badge,
    Block,
    Details,
    Heading,
    Line,
    Link,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.estimates import ControlShown, Shown, controls, is_table, shown
from harness.report.figures.forest import FOREST
from harness.report.figures.style import Drawing
from harness.report.limits import Printed, demanded, printed
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.sections.figures import picture
from harness.report.sections.outcome import secondary_mark
from harness.report.wording import DASH, counted, number, sample, shortened, unbroken, words
from harness.verdict import Verdict

_MOST = 4
"""Estimates that fit in a cell; the evidence below has all of them."""

_LEGEND = (
    "Brackets hold 95 % intervals over units and seeds. A claim is replicated where its whole "
    "interval lies beyond the limit and every control fails. “exact” claims are numbers of the "
    "paper's own model; “general” claims are patterns that any such model should show. "
    "“⚠ secondary” marks numbers quoted by others, not read in the paper."
)


def verdict_section(material: Material, drawings: Sequence[Drawing]) -> list[Block]:
    """One row a claim, those that were not judged folded away; then the judged ones drawn."""
    judged = [pair for pair in material.judged_pairs if pair[1].outcome not in _FOLDED]
    blocks: list[Block] = [Heading(2, "Verdicts", "verdicts")]
    if judged:
        blocks.append(_table(material, judged))
    for outcome, words_for_it in _FOLDED.items():
        pairs = [pair for pair in material.judged_pairs if pair[1].outcome == outcome]
        if pairs:
            summary: Line = (
                Badge(outcome, LOOKS[outcome].word),
                f" {counted(len(pairs), 'claim')}, {words_for_it}",
            )
            blocks.append(Details(summary, (_table(material, pairs),), outcome))
    drawn = [picture(each) for each in drawings if each.name == FOREST]
    return [*blocks, Paragraph((Small(_LEGEND),)), *drawn]


_FOLDED: dict[Outcome, str] = {
    "not_applicable": "numbers of the paper's own model beside ours",
    "not_tested": "with the reasons",
}


def _table(material: Material, pairs: Sequence[tuple[Claim, Verdict]]) -> Table:
    rows = tuple(_row(material, *pair) for pair in pairs)
    return Table(("Claim", "Paper", "Here", "Control", "Verdict"), rows, style="verdicts")


def _row(material: Material, claim: Claim, verdict: Verdict) -> tuple[TableCell, ...]:
    return (
        _claim_cell(claim),
        _paper_cell(material, claim),
        _here_cell(material, claim, verdict),
        _control_cell(material, claim),
        _verdict_cell(verdict),
    )


def _claim_cell(claim: Claim) -> TableCell:
    place: Line = (
        Link(claim.id, f"#claim-{claim.id}"),
        Small(f" · {claim.scope} · {claim.source.section}"),
        *secondary_mark(claim.source),
    )
    return TableCell(((shortened(claim.statement, 160),), place))


def _paper_cell(material: Material, claim: Claim) -> TableCell:
    want = demanded(material.paper, claim)
    if isinstance(claim.expects, TableMatch):
        return TableCell(((want,), (Link("table", f"#table-{claim.expects.table}"),)))
    found = printed(material.paper, claim)
    if not found or claim.scope == "exact":
        return cell(want)
    return TableCell((*map(_printed_line, found), (Small(f"needs: {want}"),)))


def _printed_line(found: Printed) -> Line:
    values = " vs ".join(number(each, found.table.metric, digits=2) for each in found.values)
    return (values, Small(f" {found.table.id}"), *secondary_mark(found.table.source))


def _here_cell(material: Material, claim: Claim, verdict: Verdict) -> TableCell:
    if not verdict.estimates:
        return cell(DASH)
    if isinstance(claim.expects, TableMatch):
        total = len(list(material.paper.table(claim.expects.table).cells))
        return cell(f"{len(verdict.estimates)} of {total} cells measured")
    found = shown(material.paper, claim, verdict.estimates)
    smallest = min(found, key=lambda each: each.estimate.n)
    return TableCell((*_estimate_lines(found), (Small(sample(smallest.estimate)),)))


def _estimate_lines(found: list[Shown]) -> list[Line]:
    lines: list[Line] = []
    for each in found[:_MOST]:
        lines.append((Strong(each.text),))
        if each.name:
            lines.append((Small(each.name),))
    if len(found) > _MOST:
        lines.append((Small(f"and {len(found) - _MOST} more in the evidence"),))
    return lines


def _control_cell(material: Material, claim: Claim) -> TableCell:
    lines: list[Line] = []
    for control in controls(material, claim):
        lines.append((Small(f"{unbroken(words(control.name))} "), *_control_value(claim, control)))
    return TableCell(tuple(lines) or ((DASH,),))


def _control_value(claim: Claim, control: ControlShown) -> Line:
    if not control.estimates:
        return (DASH, Small(" not measured"))
    if is_table(claim):
        return (Small(shortened(control.reason, 90)),)
    return (Small("; ".join(each.text for each in control.estimates[:_MOST])),)


def _verdict_cell(verdict: Verdict) -> TableCell:
    badge = Badge(verdict.outcome, LOOKS[verdict.outcome].word)
    return TableCell(((badge,), (Small(shortened(verdict.reason, 220)),)))
