"""Title and text of a pull request: the report's own sections, figures, and what was checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness.publish.address import Address
from harness.report.document import (
    Block,
    Commands,
    Heading,
    Line,
    Link,
    Listing,
    Paragraph,
    Picture,
    Strong,
)
from harness.report.figures.forest import FOREST
from harness.report.markdown import escape, render_markdown
from harness.report.material import Material
from harness.report.sections.conditions import deviations_section, failures_section
from harness.report.sections.outcome import models, outcome_sentence, outcome_with_share
from harness.report.sections.verdicts import verdict_section
from harness.report.wording import counted, joined, short_title, shortened
from harness.review import Review

MOST_BYTES = 65_536
"""GitHub's limit is as many characters, which are never more than the bytes."""
_LONGEST_TITLE = 200
_MOST_FINDINGS = 20


class Fact(NamedTuple):
    """Something that a reviewer wants to know, and whether it was found to hold."""

    holds: bool
    words: str


@dataclass(frozen=True)
class Told:
    """What a text is made of."""

    material: Material
    review: Review
    files: Sequence[str]
    """Names in the folder."""
    commit: str
    held_by: Address | None
    """Repository that holds the branch; without one, files are named and not linked."""
    verdicts_stand: bool
    """Whether verdicts.json is what the rows give."""


def title(material: Material) -> str:
    """What came out, on one line."""
    about = f"{short_title(material.paper.title)} on {joined(models(material))}"
    text = f"{about}: {outcome_with_share(material)}"
    plain = "".join(char if char.isprintable() else " " for char in text)
    return shortened(plain, _LONGEST_TITLE)


def body(told: Told) -> str:
    """The text in Markdown, cut at a row of a table where GitHub takes no more."""
    report = _address(told, "blob", "report.md")
    main = render_markdown(_sections(told)).replace("](#", f"]({report}#")
    end = "\n\n".join((render_markdown(_again(told)).rstrip(), _checklist(told), *_findings(told)))
    pointer = f"… cut here; [report.md]({report}) has all of it."
    room = MOST_BYTES - len(f"\n\n{pointer}\n\n{end}\n".encode())
    if len(main.encode()) > room:
        main = f"{_cut(main, room)}\n\n{pointer}\n"
    return f"{main}\n{end}\n"


def _sections(told: Told) -> Iterator[Block]:
    paper = told.material.paper
    about: Line = ("Paper: ", Link(paper.title, str(paper.url)), f", {paper.year}.")
    yield Paragraph((Strong(outcome_sentence(told.material)),))
    yield Paragraph(about)
    yield from verdict_section(told.material, ())
    yield from _figures(told)
    yield from deviations_section(told.material)
    yield from failures_section(told.material)


def _figures(told: Told) -> Iterator[Block]:
    """The one that shows all judged claims, and links to the others."""
    names = sorted(name for name in told.files if name.endswith(".png"))
    if not names:
        return
    yield Heading(2, "Figures", "figures")
    forest = f"figures/{FOREST}.png"
    if told.held_by is not None and forest in names:
        names.remove(forest)
        yield Picture(
            _address(told, "raw", forest), "Every judged claim, paper and controls beside"
        )
    yield Listing(tuple((Link(name, _address(told, "raw", name)),) for name in names))


def _address(told: Told, kind: str, name: str) -> str:
    """A file of the commit on the web; its bare name where that is not known."""
    if told.held_by is None:
        return name
    return f"{told.held_by.page}/{kind}/{told.commit}/{told.material.folder}/{name}"


def _again(told: Told) -> Iterator[Block]:
    folder = told.material.folder
    yield Heading(2, "Check it", "check-it")
    yield Commands(f"harness review {folder}\nharness rerun {folder}")


def _facts(told: Told) -> Iterator[Fact]:
    manifest = told.material.manifest
    warnings = counted(told.review.count("warning"), "warning")
    made_clean = manifest is not None and manifest.dirty is False
    yield Fact(told.review.passes, f"harness review passes: no blocker, {warnings}")
    yield Fact(told.verdicts_stand, "verdicts made anew from the measurements: all equal")
    yield Fact(True, "harness/ and papers/ had no uncommitted changes when this was sent")
    yield Fact(made_clean, "they had none when the experiments ran, by the manifest")
    yield Fact(not told.material.failures, "no experiment crashed")
    yield Fact(False, "harness rerun compared on another machine")


def _checklist(told: Told) -> str:
    return "\n".join(
        f"- [{'x' if fact.holds else ' '}] {escape(fact.words)}" for fact in _facts(told)
    )


def _findings(told: Told) -> Iterator[str]:
    warnings = [each for each in told.review.findings if each.severity == "warning"]
    if not warnings:
        return
    yield "## Warnings of the review"
    rows = [f"- {escape(f'{each.place}: {each.message}')}" for each in warnings[:_MOST_FINDINGS]]
    more = len(warnings) - len(rows)
    yield "\n".join((*rows, *([f"- and {more} more"] if more else [])))


def _cut(text: str, room: int) -> str:
    """Whole lines that fit; what they open is closed."""
    closing = "\n\n</details>"
    kept = text.encode()[: room - len(closing) * text.count("<details>")].decode(errors="ignore")
    kept = kept.rpartition("\n")[0]
    return kept + closing * (kept.count("<details>") - kept.count("</details>"))
