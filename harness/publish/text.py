"""What every pull request's text has: one line of title, facts to tick, a length that is taken."""

from collections.abc import Iterable
from typing import NamedTuple

from harness.report.markdown import escape
from harness.report.wording import shortened
from harness.review.finding import Finding

MOST_BYTES = 65_536
"""GitHub's limit is as many characters, which are never more than the bytes."""
_LONGEST_TITLE = 200
_MOST_FINDINGS = 20


class Fact(NamedTuple):
    """Something that a reviewer wants to know, and whether it was found to hold."""

    holds: bool
    words: str


def on_one_line(title: str) -> str:
    """A title of printable characters, not too long."""
    plain = "".join(char if char.isprintable() else " " for char in title)
    return shortened(plain, _LONGEST_TITLE)


def checklist(facts: Iterable[Fact]) -> str:
    """Boxes, ticked where a fact holds."""
    return "\n".join(f"- [{'x' if fact.holds else ' '}] {escape(fact.words)}" for fact in facts)


def warnings_listed(findings: Iterable[Finding]) -> str:
    """A section with the warnings of a review, each at its place."""
    warnings = [each for each in findings if each.severity == "warning"]
    rows = [f"- {escape(f'{each.place}: {each.message}')}" for each in warnings[:_MOST_FINDINGS]]
    more = [f"- and {len(warnings) - len(rows)} more"] if len(warnings) > len(rows) else []
    return "\n\n".join(("## Warnings of the review", "\n".join((*rows, *more))))


def fitted(main: str, end: str, whole: str) -> str:
    """Both parts; where GitHub takes no more, the first is cut at a line and says where `whole` is.

    `main` ends in a line break.
    """
    pointer = f"… cut here; {whole}"
    room = MOST_BYTES - len(f"\n\n{pointer}\n\n{end}\n".encode())
    if len(main.encode()) > room:
        main = f"{_cut(main, room)}\n\n{pointer}\n"
    return f"{main}\n{end}\n"


def _cut(text: str, room: int) -> str:
    """Whole lines that fit; what they open is closed."""
    closing = "\n\n</details>"
    kept = text.encode()[: room - len(closing) * text.count("<details>")].decode(errors="ignore")
    kept = kept.rpartition("\n")[0]
    return kept + closing * (kept.count("<details>") - kept.count("</details>"))
