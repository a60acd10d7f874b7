"""The top of the page: title and outcome."""

from collections import Counter

from harness.examine import Outcome
from harness.frozen import SHORT
from harness.paper import Source
from harness.report.document import (
    Badge,
    Block,
    Code,
    Heading,
    Inline,
    Line,
    Link,
    Paragraph,
    Strong,
)
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.wording import counted, joined, short_title

_JUDGED: tuple[Outcome, ...] = ("replicated", "partial", "not_replicated", "inconclusive")
_NOT_JUDGED: tuple[Outcome, ...] = ("not_applicable", "not_tested")


def outcome_section(material: Material) -> list[Block]:
    """Title, paper, models, and what became of the claims."""
    paper = material.paper
    about: Line = (
        "Paper: ",
        Link(paper.title, str(paper.url)),
        f" ({joined(paper.authors)}, {paper.year})",
        *_frozen(material.spec.paper_digest),
    )
    return [
        Heading(1, f"{short_title(paper.title)}: replication on {joined(models(material))}", "top"),
        Paragraph(about),
        Paragraph((Strong(f"{outcome_with_share(material)}."),)),
        Paragraph(_tally(material)),
    ]


def _frozen(digest: str | None) -> Line:
    """That claims and limits were fixed before anything was measured."""
    return (". Paper spec frozen as ", Code(digest[:SHORT])) if digest else ()


def models(material: Material) -> list[str]:
    """The models of the judged experiments, or of all where none is judged."""
    experiments = material.spec.experiments
    judged = [each.model for each in experiments if each.judged]
    return list(dict.fromkeys(judged or [each.model for each in experiments]))


def counts(material: Material) -> Counter[Outcome]:
    """How many claims came out how."""
    return Counter(verdict.outcome for verdict in material.verdicts)


def outcome_with_share(material: Material) -> str:
    """`5 of 8 judged claims replicated (62%)`."""
    found = counts(material)
    judged = sum(found[outcome] for outcome in _JUDGED)
    if judged == 0:
        return f"None of the paper's {counted(len(material.verdicts), 'claim')} was judged"
    share = found["replicated"] / judged
    return f"{found['replicated']} of {counted(judged, 'judged claim')} replicated ({share:.0%})"


def outcome_sentence(material: Material) -> str:
    """What became of every claim, in one sentence."""
    found, start = counts(material), outcome_with_share(material)
    others: list[Outcome] = [outcome for outcome in (*_JUDGED[1:], *_NOT_JUDGED) if found[outcome]]
    rest = [f"{found[outcome]} {LOOKS[outcome].word}" for outcome in others]
    return f"{start}; {joined(rest)}." if rest else f"{start}."


def secondary_mark(source: Source) -> Line:
    """A warning for a number that others quote, nothing for one that was read."""
    return (" ", Strong("⚠ secondary")) if source.status == "secondary" else ()


def _tally(material: Material) -> Line:
    found = counts(material)
    parts: list[Inline] = []
    for outcome in (*_JUDGED, *_NOT_JUDGED):
        if found[outcome]:
            parts += [Badge(outcome, f"{found[outcome]} {LOOKS[outcome].word}"), " · "]
    return tuple(parts[:-1])
