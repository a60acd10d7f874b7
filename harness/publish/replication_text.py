"""Title and text for a replication: the report's own sections, figures, and what was checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.publish.address import Address
from harness.publish.text import Fact, checklist, fitted, on_one_line, warnings_listed
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
from harness.report.markdown import render_markdown
from harness.report.material import Material
from harness.report.sections.conditions import deviations_section, failures_section
from harness.report.sections.outcome import models, outcome_sentence, outcome_with_share
from harness.report.sections.verdicts import verdict_section
from harness.report.wording import counted, joined, short_title, without_machine_paths
from harness.review import Review


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


def title(material: Material) -> str:
    """What came out, on one line."""
    names = list(dict.fromkeys(map(without_machine_paths, models(material))))
    about = f"{short_title(material.paper.title)} on {joined(names)}"
    text = f"{about}: {outcome_with_share(material)}"
    return on_one_line(text)


def body(told: Told) -> str:
    """The text in Markdown, cut at a row of a table where GitHub takes no more."""
    report = _address(told, "blob", "report.md")
    main = render_markdown(_sections(told)).replace("](#", f"]({report}#")
    again = render_markdown(_again(told)).rstrip()
    end = "\n\n".join((again, checklist(_facts(told)), *_findings(told)))
    return fitted(main, end, f"[report.md]({report}) has all of it.")


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
    yield Fact(True, "verdicts made anew from the measurements: all equal")
    yield Fact(True, "harness/ and papers/ had no uncommitted changes when this was sent")
    yield Fact(made_clean, "they had none when the experiments ran, by the manifest")
    yield Fact(not told.material.failures, "no experiment crashed")
    yield Fact(False, "harness rerun compared on another machine")


def _findings(told: Told) -> Iterator[str]:
    if told.review.count("warning"):
        yield warnings_listed(told.review.findings)
