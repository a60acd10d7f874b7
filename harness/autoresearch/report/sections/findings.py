"""What was left out, refused or broken, and the ways to cheat that were reported."""

from collections import Counter

from harness.autoresearch.ledger.event import Ablated
from harness.autoresearch.ledger.history import Trial
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.wording import one_line, signed
from harness.report.document import (
    Block,
    Code,
    Heading,
    Listing,
    Paragraph,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.wording import DASH


def ablation_section(material: Material) -> list[Block]:
    """Each change of a stack with what its absence costs; nothing where none was stacked."""
    rows = [(trial, each) for trial in material.history.trials for each in trial.ablated]
    if not rows:
        return []
    head = ("trial", "change", "loss without it", "outcome")
    margin = material.task.keep.margin
    return [
        Heading(2, "Leave-one-out", "ablations"),
        Paragraph(
            (
                "Where several changes came together, each was left out once, on paired seeds. One "
                f"whose absence costs less than {margin:g} is not kept.",
            )
        ),
        Table(head, tuple(_ablated(trial, each) for trial, each in rows)),
    ]


def refusals_section(material: Material) -> list[Block]:
    """Proposals that never ran, and why; nothing where there are none."""
    rows = [each for each in material.history.trials if each.refused is not None]
    if not rows:
        return []
    return [
        Heading(2, "Refused", "refused"),
        Table(("trial", "change", "refused for", "what was wrong"), tuple(map(_refused, rows))),
    ]


def failures_section(material: Material) -> list[Block]:
    """Runs without a score by their cause; they have no number, not even 0."""
    causes = Counter(each.cause for each in material.history.invalid.values())
    if not causes:
        return []
    items = tuple(
        (Strong(str(count)), f" × {cause.replace('_', ' ')}")
        for cause, count in causes.most_common()
    )
    return [Heading(2, "Runs without a score", "invalid"), Listing(items)]


def loopholes_section(material: Material) -> list[Block]:
    """Ways to cheat that a proposer has reported instead of using them."""
    found = [each for each in material.history.trials if each.outcome == "loophole"]
    if not found:
        return []
    items = tuple(
        (
            Strong(f"Trial {each.number}, {one_line(each.proposed.title, 120)}"),
            f": {one_line(each.proposed.loophole or '')}",
        )
        for each in found
    )
    return [Heading(2, "Loopholes reported", "loopholes"), Listing(items)]


def _ablated(trial: Trial, each: Ablated) -> tuple[TableCell, ...]:
    loss = signed(each.loss) if each.loss is not None else f"{DASH} it does not run without"
    return (
        cell(str(trial.number)),
        cell(Code(one_line(each.change, 120))),
        cell(loss),
        cell("needed" if each.needed else "left out"),
    )


def _refused(trial: Trial) -> tuple[TableCell, ...]:
    assert trial.refused is not None, trial.number
    return (
        cell(str(trial.number)),
        cell(one_line(trial.proposed.title, 120)),
        cell(trial.refused.why.replace("_", " ")),
        cell(one_line(trial.refused.message)),
    )
