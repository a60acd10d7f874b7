"""Every claim of a paper: whether its quote stands in the text, and what measures it."""

from pathlib import Path
from typing import Literal

from harness.claims_audit.covering import Coverage, survey
from harness.claims_audit.quoting import (
    NumberState,
    QuoteState,
    look_up,
    missing_numbers,
    number_state,
)
from harness.paper import Claim, ClaimedTable
from harness.record import Record
from harness.replication import load_paper

Status = Literal["read", "artifact", "recomputed", "secondary"]
_WRONG: tuple[QuoteState, ...] = ("not_found", "unfit")


class AuditedClaim(Record):
    """One claim."""

    claim: str
    scope: Literal["exact", "general"]
    status: Status
    quote: QuoteState
    page: int | None
    """Where the quote begins; `None` where it was not found, or the text has no pages."""
    line: int | None
    """Of `paper.md`."""
    number: NumberState
    covered: tuple[Coverage, ...]
    """One entry a replication."""

    @property
    def has_experiment(self) -> bool:
        """Whether some replication measures all that it needs."""
        return any(each.experiments for each in self.covered)

    @property
    def is_accounted_for(self) -> bool:
        """Whether some replication measures it, or its not being measured has a reason."""
        return any(each.how != "nothing" for each in self.covered)


class AuditedTable(Record):
    """One table that the paper prints."""

    table: str
    status: Status
    quote: QuoteState
    page: int | None
    line: int | None
    missing: tuple[float, ...] | None
    """Values that the text prints nowhere; `None` where they were not looked for."""


class Audit(Record):
    """All claims and tables of a paper."""

    paper: str
    has_text: bool
    claims: tuple[AuditedClaim, ...]
    tables: tuple[AuditedTable, ...]
    no_experiment: tuple[str, ...]
    """Claims that no experiment of any replication measures."""
    unaccounted: tuple[str, ...]
    """Of these, claims that no replication gives a reason for either."""
    unread: dict[str, str]
    """Replications whose specs cannot be read, each with why."""

    @property
    def holds(self) -> bool:
        """Whether every quote that was read is found, and every claim measured or explained."""
        quoted = (*self.claims, *self.tables)
        return not self.unaccounted and all(each.quote not in _WRONG for each in quoted)


def audit(project: Path, paper_id: str, text: str | None) -> Audit:
    """Hold a paper's spec against its text and its replications; runs and writes nothing.

    Without a text quotes are not looked up. Raises `HarnessError` for a spec that does not load.
    """
    paper = load_paper(project, paper_id)
    covered, unread = survey(project, paper_id, paper.claims)
    claims = tuple(_claim(claim, text, covered[claim.id]) for claim in paper.claims)
    return Audit(
        paper=paper_id,
        has_text=text is not None,
        claims=claims,
        tables=tuple(_table(table, text) for table in paper.tables),
        no_experiment=tuple(each.claim for each in claims if not each.has_experiment),
        unaccounted=tuple(each.claim for each in claims if not each.is_accounted_for),
        unread=unread,
    )


def _claim(claim: Claim, text: str | None, covered: tuple[Coverage, ...]) -> AuditedClaim:
    looked = look_up(claim.source, text)
    return AuditedClaim(
        claim=claim.id,
        scope=claim.scope,
        status=claim.source.status,
        quote=looked.state,
        page=looked.page,
        line=looked.line,
        number=number_state(claim),
        covered=covered,
    )


def _table(table: ClaimedTable, text: str | None) -> AuditedTable:
    looked = look_up(table.source, text)
    missing = None
    if text is not None and table.source.status == "read":
        missing = missing_numbers(table, text)
    return AuditedTable(
        table=table.id,
        status=table.source.status,
        quote=looked.state,
        page=looked.page,
        line=looked.line,
        missing=missing,
    )
