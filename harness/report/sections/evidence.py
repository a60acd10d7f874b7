"""Claim by claim, folded away: the paper's words, every estimate and every control."""

from harness.paper import Claim, Source
from harness.report.document import (
    Badge,
    Block,
    Code,
    Details,
    Heading,
    Line,
    Listing,
    Paragraph,
    Quotation,
    Small,
    Strong,
)
from harness.report.estimates import controls, shown
from harness.report.limits import demanded, grounds
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.sections.outcome import secondary_mark
from harness.report.wording import limit_text, sample, words
from harness.verdict import Verdict

_STATUS = {
    "read": "read in the paper or an authors' file",
    "artifact": "from a file that the authors published",
    "recomputed": "recomputed from what the authors published",
    "secondary": "quoted by others, not read in the paper",
}


def evidence_section(material: Material) -> list[Block]:
    """One folded block a claim."""
    folded = [_one(material, *pair) for pair in material.judged_pairs]
    return [Heading(2, "Evidence, claim by claim", "evidence"), *folded]


def source_line(source: Source) -> Line:
    """Where a number stands and how it was had."""
    version = f", {source.version}" if source.version else ""
    return (
        Small(f"{source.section}{version}; {_STATUS[source.status]}"),
        *secondary_mark(source),
    )


def _one(material: Material, claim: Claim, verdict: Verdict) -> Details:
    title: Line = (Badge(verdict.outcome, LOOKS[verdict.outcome].word), f" {claim.statement}")
    blocks: list[Block] = [
        Quotation(claim.source.quote),
        Paragraph(source_line(claim.source)),
        Listing(
            (
                ("Expected: ", Strong(demanded(material.paper, claim)), *_grounds(claim)),
                *_presupposed(claim),
                ("Found: ", verdict.reason),
                *_estimates(material, claim, verdict),
                *_controls(material, claim),
            )
        ),
    ]
    summary = (*title, *secondary_mark(claim.source))
    return Details(summary, tuple(blocks), f"claim-{claim.id}")


def _presupposed(claim: Claim) -> list[Line]:
    base = claim.presupposes
    if base is None:
        return []
    limit = limit_text(base.limit, base.quantity.metric)
    return [("Presupposes: ", Code(str(base.quantity)), f" {words(base.side)} {limit}")]


def _grounds(claim: Claim) -> Line:
    reason = grounds(claim.expects)
    return (f" ({reason})",) if reason else ()


def _estimates(material: Material, claim: Claim, verdict: Verdict) -> list[Line]:
    found = shown(material.paper, claim, verdict.estimates)
    return [
        (Code(named.name), f" = {each.text}, {sample(each.estimate)}")
        for named, each in zip(verdict.estimates, found, strict=True)
    ]


def _controls(material: Material, claim: Claim) -> list[Line]:
    lines: list[Line] = []
    for control in controls(material, claim):
        values = "; ".join(f"{each.name} {each.text}".strip() for each in control.estimates)
        lines.append((f"Control {words(control.name)}: ", values or "not measured"))
    return lines
