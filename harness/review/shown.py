"""A review as Markdown, for a comment or a job's summary: whatever it quotes is escaped."""

from collections.abc import Iterator

from harness.report.markdown import escape
from harness.review.finding import Finding
from harness.review.outcome import Review, Spot
from harness.review.rubric import FORMULA

_MOST = 200
"""Findings shown; GitHub cuts a summary at 1 MB and a comment at 65,536 characters."""
_LONGEST = 60_000
_REPORT_RULES = frozenset({"report-differs", "executable-differs", "figure-differs"})
_JUDGE_RULES = frozenset({"verdict-differs", "paper-digest", "verdicts-missing"})


def hints(review: Review) -> list[str]:
    """What mends findings of an honest submission that has grown old."""
    rules = {found.rule for found in review.findings}
    found: list[str] = []
    if rules & _JUDGE_RULES:
        found.append(f"`harness judge {review.name}` with main's code and papers judges anew.")
    if rules & _REPORT_RULES:
        found.append(f"`harness report {review.name}` with main's code writes the report anew.")
    return found


def markdown(review: Review) -> str:
    """Outcome, scores, verdicts, findings, and what was run again."""
    mark = "✅" if review.passes else "❌"
    parts = [
        f"## {mark} {escape(review.sentence)}",
        *_held_against(review),
        _scores(review),
        *_findings(review.findings),
        *(escape(hint) for hint in hints(review)),
        *_spots(review.spots),
        "<sub>No code of the submission was run. Scores decide nothing; blockers do.</sub>",
    ]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(chr(10), 1)[0]}\n\n…\n"


def _held_against(review: Review) -> Iterator[str]:
    if review.commit and review.base:
        yield f"Commit {review.commit[:12]}, judged by the papers of {review.base[:12]}."
    if review.verdicts:
        counts = ", ".join(f"{count} {kind}" for kind, count in review.verdicts.items())
        yield f"Claims, judged anew: {escape(counts)}."


def _scores(review: Review) -> str:
    head = " | ".join(review.scores)
    values = " | ".join("–" if score is None else f"{score}" for score in review.scores.values())
    lines = (f"| {head} |", "|" + "---|" * len(review.scores), f"| {values} |")
    return "\n".join((*lines, "", f"<sub>{escape(FORMULA)}</sub>"))


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    lines = ["| | rule | where | what |", "|---|---|---|---|"]
    for each in findings[:_MOST]:
        cells = (each.severity, each.rule, each.place, each.message)
        lines.append(f"| {' | '.join(map(escape, cells))} |")
    yield "\n".join(lines)
    if len(findings) > _MOST:
        yield f"… and {len(findings) - _MOST} more."


def _spots(spots: tuple[Spot, ...]) -> Iterator[str]:
    for spot in spots:
        name = escape(f"{spot.experiment}, seed {spot.seed}")
        if spot.skipped is not None:
            yield f"Not run again: {name}: {escape(spot.skipped)}"
            continue
        lines = [f"Run again: {name}; {spot.rows} rows, {len(spot.off)} off. Drawn:"]
        for each in spot.chosen:
            lines.append(f"- {escape(f'{each.name}: {each.committed} → {each.again}')}")
        yield "\n".join(lines)
