"""Title and text for a paper's spec: each claim with its quote and limit, and what moved."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.frozen import SHORT, Frozen
from harness.paper import Claim, ClaimedTable, PaperSpec
from harness.publish.address import Address
from harness.publish.text import Fact, checklist, fitted, on_one_line, warnings_listed
from harness.report.document import (
    Block,
    Code,
    Commands,
    Heading,
    Line,
    Link,
    Listing,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
)
from harness.report.limits import demanded, grounds, metric_of
from harness.report.markdown import render_markdown
from harness.report.sections.outcome import secondary_mark
from harness.report.wording import DASH, counted, joined, short_title, words
from harness.review.finding import Finding
from harness.review.rules.paper_changes import moved_values

_MOST_MOVED = 60


class Before(NamedTuple):
    """What the base branch has of the paper."""

    paper: PaperSpec | None
    """`None` where this version cannot read it."""
    replications: tuple[str, ...]
    """Those that were made against it."""


class Told(NamedTuple):
    """What a text is made of."""

    paper: PaperSpec
    frozen: Frozen
    before: Before | None
    """`None` where the paper is new."""
    findings: Sequence[Finding]


def title(told: Told) -> str:
    """What is proposed, on one line."""
    kind = "New paper" if told.before is None else "Changed paper"
    claims = counted(len(told.paper.claims), "claim")
    return on_one_line(f"{kind}: {short_title(told.paper.title)}, {claims}")


def outcome_sentence(told: Told) -> str:
    """What the spec was frozen as, and by whom it was reviewed."""
    frozen = told.frozen
    reviewer = (
        f"reviewed by {frozen.reviewed_by}" if frozen.reviewed_by else "who reviewed: not said"
    )
    claims = counted(frozen.claims, "claim")
    return f"paper spec frozen as {frozen.paper_digest[:SHORT]}: {claims}, {reviewer}"


def body(told: Told, commit: str, held_by: Address | None) -> str:
    """The text in Markdown, cut at a row of a table where GitHub takes no more."""
    path = f"papers/{told.paper.id}/paper.yaml"
    file = path if held_by is None else f"{held_by.page}/blob/{commit}/{path}"
    end = "\n\n".join(
        (
            render_markdown(_again(told)).rstrip(),
            checklist(_facts(told)),
            *([warnings_listed(told.findings)] if _warnings(told) else []),
        )
    )
    return fitted(
        render_markdown(_sections(told, file)), end, f"[paper.yaml]({file}) has all of it."
    )


def _sections(told: Told, file: str) -> Iterator[Block]:
    paper = told.paper
    yield Paragraph((Strong("Claims and limits alone; no measurements."),))
    yield Paragraph(
        (
            "Paper: ",
            Link(paper.title, str(paper.url)),
            f" ({joined(paper.authors)}, {paper.year}). Spec: ",
            Link("paper.yaml", file),
            ", frozen as ",
            Code(told.frozen.paper_digest),
            ".",
        )
    )
    if told.before is not None:
        yield from _moved(told.paper, told.before)
    yield from _claims(paper)
    if paper.tables:
        yield Heading(2, "Tables", "tables")
        yield Listing(tuple(_table(each) for each in paper.tables))


def _moved(paper: PaperSpec, before: Before) -> Iterator[Block]:
    """What the base branch's spec said, beside what this one says."""
    yield Heading(2, "What moves", "moves")
    if before.paper is None:
        yield Paragraph(("The base branch's spec cannot be read by this version.",))
        return
    moved = moved_values(before.paper, paper)
    lines: list[Line] = [(Code(name), f": {each}") for name, each in moved[:_MOST_MOVED]]
    if len(moved) > _MOST_MOVED:
        lines.append((f"and {len(moved) - _MOST_MOVED} more values",))
    yield Listing(tuple(lines)) if lines else Paragraph(("No value; comments or order alone.",))
    if before.replications and moved:
        told = "Made against the spec before, and no longer of this paper's: "
        yield Paragraph((told, joined(before.replications), "."))


def _claims(paper: PaperSpec) -> Iterator[Block]:
    yield Heading(2, "Claims", "claims")
    head = ("Claim", "The paper's words", "Needs")
    yield Table(head, tuple(_claim(paper, claim) for claim in paper.claims))


def _claim(paper: PaperSpec, claim: Claim) -> tuple[TableCell, ...]:
    source = claim.source
    version = f", {source.version}" if source.version else ""
    place: Line = (
        Small(f"{source.section}{version} · {words(source.status)}"),
        *secondary_mark(source),
    )
    return (
        TableCell(((Code(claim.id), Small(f" · {claim.scope}")), (claim.statement,))),
        TableCell(((f"“{source.quote}”",), place)),
        TableCell(tuple(_needs(paper, claim))),
    )


def _needs(paper: PaperSpec, claim: Claim) -> Iterator[Line]:
    """The limit, why it lies there, and what else decides."""
    yield (Strong(demanded(paper, claim)), Small(f" {words(metric_of(paper, claim))}"))
    reason = grounds(claim.expects)
    if reason:
        yield (Small(f"from: {reason}"),)
    if claim.presupposes is not None:
        bound = claim.presupposes
        yield (Small(f"presupposes {bound.quantity}: {words(bound.side)} {bound.limit:g}"),)
    yield (Small(f"controls: {joined(map(words, claim.controls)) if claim.controls else DASH}"),)


def _table(table: ClaimedTable) -> Line:
    return (Code(table.id), f": {table.title}, {counted(len(list(table.cells)), 'number')}")


def _again(told: Told) -> Iterator[Block]:
    yield Heading(2, "Check it", "check-it")
    yield Commands(f"harness freeze {told.paper.id}   # frozen already, with the digest above")


def _facts(told: Told) -> Iterator[Fact]:
    reviewer = told.frozen.reviewed_by
    yield Fact(True, "the spec loads, and every number is one that its metric can take")
    yield Fact(True, "frozen.json holds the digest of paper.yaml")
    yield Fact(not _warnings(told), "no warning of the review's rules on text")
    yield Fact(reviewer is not None, f"somebody is named as its reviewer: {reviewer or 'nobody'}")
    yield Fact(False, "each quote was found in the paper, and each limit follows from it")


def _warnings(told: Told) -> bool:
    return any(each.severity == "warning" for each in told.findings)
