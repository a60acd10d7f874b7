"""Outcomes of claims counted: a bar for the eye, and marks with numbers for everybody."""

from collections import Counter
from collections.abc import Iterable, Mapping

from harness.examine import Outcome
from harness.explorer.feed import FeedReplication
from harness.explorer.markup import Markup, element, join
from harness.report.marks import LOOKS

OUTCOMES: tuple[Outcome, ...] = (
    *("replicated", "partial", "not_replicated", "inconclusive"),
    *("not_applicable", "not_tested"),
)
"""In the order in which they are shown."""
JUDGED = OUTCOMES[:4]


def together(replications: Iterable[FeedReplication]) -> Counter[Outcome]:
    """Counts over several replications."""
    return sum((Counter(each.counts) for each in replications), Counter[Outcome]())


def bar(counts: Mapping[Outcome, int]) -> Markup:
    """Judged claims as parts of one bar; it says nothing that `tally` does not say in words."""
    shown = [(outcome, counts[outcome]) for outcome in JUDGED if counts.get(outcome, 0)]
    total, parts, left = sum(count for _, count in shown), list[Markup](), 0.0
    for outcome, count in shown:
        width = 100 * count / total
        parts.append(
            element("rect", class_=outcome, x=f"{left:.2f}", width=f"{width:.2f}", height=1)
        )
        left += width
    return element(
        "svg",
        parts,
        class_="bar",
        viewBox="0 0 100 1",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def tally(counts: Mapping[Outcome, int]) -> Markup:
    """`✔ 9 replicated`, `✘ 5 not replicated`, …; what did not occur is left out."""
    parts = [
        element("span", mark(outcome), f" {counts[outcome]} {LOOKS[outcome].word}", class_=outcome)
        for outcome in OUTCOMES
        if counts.get(outcome, 0)
    ]
    return element("p", join(parts, " "), class_="tally")


def mark(outcome: Outcome) -> Markup:
    """The glyph alone, in its colour; words stand beside it."""
    return element("i", LOOKS[outcome].glyph, aria_hidden="true")
