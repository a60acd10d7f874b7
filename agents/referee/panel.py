"""What a panel says: votes, agreement, scores, objections, and doubts about verdicts.

It stands beside the verdicts and changes none. A member that gave no valid answer counts nowhere.
"""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from agents.referee.answer import ClaimAnswer, Supported
from agents.referee.transcript import Reply, Transcript
from harness.record import Record

if TYPE_CHECKING:
    from harness.verdict import Verdict

Agreement = Literal["unanimous", "split", "one vote", "no vote"]

_EXPECTED: dict[str, tuple[Supported, ...]] = {
    "replicated": ("yes",),
    "partial": ("yes", "unclear"),
    "not_replicated": ("no",),
    "inconclusive": ("unclear",),
}
"""Votes that go with a verdict; any other is a doubt about it."""


class Vote(Record):
    """One member on one claim."""

    member: str
    supported: Supported
    confidence: float
    strongest_objection: str
    missing_control: str | None
    doubts_verdict: bool
    """Whether the vote does not go with the harness's verdict."""


class ClaimVotes(Record):
    """What the members say of one claim."""

    claim: str
    verdict: str
    """The harness's, as it stands."""
    agreement: Agreement
    votes: tuple[Vote, ...]
    """In the order of the panel."""

    @property
    def doubts(self) -> tuple[Vote, ...]:
        """The votes against the verdict."""
        return tuple(vote for vote in self.votes if vote.doubts_verdict)


class Overall(Record):
    """How the scores lie, 1 to 10."""

    median: float
    lowest: int
    highest: int
    count: int

    @classmethod
    def of(cls, scores: Sequence[int]) -> "Overall":
        """Raises `ValueError` for no scores: nothing has no median."""
        if not scores:
            raise ValueError("no score to take the median of")
        return cls(
            median=statistics.median(scores),
            lowest=min(scores),
            highest=max(scores),
            count=len(scores),
        )


class FindingShown(Record):
    """A fault that the review of the files found, as the referees were told of it."""

    rule: str
    severity: str
    place: str
    message: str


class Panel(Record):
    """Everything that the members of a panel answered."""

    replication: str
    dossier_digest: str
    prompt_digest: str
    left_out: dict[str, int]
    """Entries that the dossier had no room for, by section."""
    sdks: dict[str, str]
    """Name and version of what each member was asked with."""
    replies: tuple[Reply, ...]
    claims: tuple[ClaimVotes, ...]
    overall: Overall | None
    """`None` where no member gave a valid answer; that is no score, not a low one."""
    review: tuple[FindingShown, ...]

    @property
    def valid(self) -> int:
        """Members whose answer counts."""
        return sum(reply.answer is not None for reply in self.replies)


class Subject(NamedTuple):
    """What was asked about."""

    replication: str
    left_out: dict[str, int]
    verdicts: Sequence["Verdict"]
    """Of the claims that were asked about, in their order."""
    review: Sequence[FindingShown]


def panel(subject: Subject, transcripts: Sequence[Transcript]) -> Panel:
    """Put the answers together. One member's silence changes nothing but the counts."""
    replies = tuple(each.reply for each in transcripts)
    scores = [reply.answer.overall for reply in replies if reply.answer is not None]
    return Panel(
        replication=subject.replication,
        dossier_digest=transcripts[0].dossier_digest,
        prompt_digest=transcripts[0].prompt_digest,
        left_out=subject.left_out,
        sdks={each.member.id: each.sdk for each in transcripts},
        replies=replies,
        claims=tuple(_votes(verdict, replies) for verdict in subject.verdicts),
        overall=Overall.of(scores) if scores else None,
        review=tuple(subject.review),
    )


def _votes(verdict: "Verdict", replies: Sequence[Reply]) -> ClaimVotes:
    votes = tuple(
        _vote(reply.member, claim, verdict)
        for reply in replies
        for claim in (reply.answer.claims if reply.answer else ())
        if claim.claim == verdict.claim
    )
    return ClaimVotes(
        claim=verdict.claim, verdict=verdict.outcome, agreement=_agreement(votes), votes=votes
    )


def _vote(member: str, claim: ClaimAnswer, verdict: "Verdict") -> Vote:
    return Vote(
        member=member,
        supported=claim.supported,
        confidence=claim.confidence,
        strongest_objection=claim.strongest_objection,
        missing_control=claim.missing_control,
        doubts_verdict=claim.supported not in _EXPECTED[verdict.outcome],
    )


def _agreement(votes: Sequence[Vote]) -> Agreement:
    if len(votes) < 2:
        return "one vote" if votes else "no vote"
    return "unanimous" if len({vote.supported for vote in votes}) == 1 else "split"
