"""panel.md: what the referees say, for people. Whatever they wrote is escaped."""

from collections.abc import Iterator

from agents.referee.panel import ClaimVotes, Panel, Vote
from agents.referee.transcript import Reply
from harness.report.markdown import escape

_DASH = "—"


def panel_page(panel: Panel) -> str:
    """The page as Markdown; the same panel gives the same text."""
    return "\n\n".join(_blocks(panel)) + "\n"


def overall_text(panel: Panel) -> str:
    """The scores in one sentence; no score where nobody gave a valid answer."""
    got = panel.overall
    if got is None:
        return "No score: no member gave a valid answer."
    asked = f"{got.count} of {len(panel.replies)} members"
    return f"Overall {got.median:g} of 10 (median; {got.lowest} to {got.highest}; {asked})."


def _blocks(panel: Panel) -> Iterator[str]:
    yield f"# Referees on {escape(panel.replication)}"
    yield (
        "Opinions of language models. The verdicts are the harness's, by fixed rules from "
        "measurements; nothing here changes them."
    )
    yield f"**{overall_text(panel)}**"
    yield _table(
        ("member", "model", "status", "overall", "tokens in", "out"), map(_member, panel.replies)
    )
    yield "## Votes"
    yield _table(("claim", "verdict", "votes", "agreement", "doubts"), map(_claim, panel.claims))
    yield from _doubts(panel)
    yield "## Objections"
    yield from (text for claim in panel.claims if claim.votes for text in _objections(claim))
    yield from _summaries(panel)
    yield from _review(panel)


def _doubts(panel: Panel) -> Iterator[str]:
    yield "## Referee doubts"
    lines = [
        f"- {escape(claim.claim)}: the verdict is **{escape(claim.verdict)}**; "
        f"{escape(vote.member)} votes **{vote.supported}** (confidence {vote.confidence:g})"
        for claim in panel.claims
        for vote in claim.doubts
    ]
    yield "\n".join(lines) if lines else "None: every vote goes with its verdict."


def _objections(claim: ClaimVotes) -> Iterator[str]:
    yield f"### {escape(claim.claim)}"
    yield "\n".join(map(_objection, claim.votes))


def _objection(vote: Vote) -> str:
    missing = f" Missing control: {escape(vote.missing_control)}" if vote.missing_control else ""
    said = escape(vote.strongest_objection)
    return f"- {escape(vote.member)} ({vote.supported}, {vote.confidence:g}): {said}{missing}"


def _summaries(panel: Panel) -> Iterator[str]:
    said = [reply for reply in panel.replies if reply.answer is not None]
    silent = [reply for reply in panel.replies if reply.problem is not None]
    if said:
        yield "## Summaries"
        yield "\n".join(f"- {escape(each.member)}: {_summary(each)}" for each in said)
    if silent:
        yield "## No valid answer"
        yield "\n".join(f"- {escape(each.member)}: {_problem(each)}" for each in silent)


def _summary(reply: Reply) -> str:
    assert reply.answer is not None, reply.member
    return escape(reply.answer.summary)


def _problem(reply: Reply) -> str:
    assert reply.problem is not None, reply.member
    return f"**{reply.problem.kind}** {escape(reply.problem.message)}"


def _review(panel: Panel) -> Iterator[str]:
    if panel.review:
        yield "## What the review of the files found"
        yield "\n".join(
            f"- **{escape(each.severity)}** {escape(each.rule)} at {escape(each.place)}: "
            f"{escape(each.message)}"
            for each in panel.review
        )
    if panel.left_out:
        told = ", ".join(f"{count} of {escape(name)}" for name, count in panel.left_out.items())
        yield f"The dossier had no room for: {told}."


def _member(reply: Reply) -> tuple[str, ...]:
    usage = reply.usage
    counts = (usage.input_tokens, usage.output_tokens) if usage else (None, None)
    return (
        reply.member,
        reply.model or _DASH,
        reply.status,
        str(reply.answer.overall) if reply.answer else _DASH,
        *(_DASH if count is None else f"{count:,}" for count in counts),
    )


def _claim(claim: ClaimVotes) -> tuple[str, ...]:
    return (
        claim.claim,
        claim.verdict,
        votes_text(claim) or _DASH,
        claim.agreement,
        ", ".join(vote.member for vote in claim.doubts) or _DASH,
    )


def votes_text(claim: ClaimVotes) -> str:
    """Who says what: `yes: a, b; no: c`."""
    sides = {
        side: [vote.member for vote in claim.votes if vote.supported == side]
        for side in ("yes", "no", "unclear")
    }
    return "; ".join(f"{side}: {', '.join(those)}" for side, those in sides.items() if those)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(map(escape, row))} |" for row in rows)])
