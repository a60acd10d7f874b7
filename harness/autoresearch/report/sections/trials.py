"""Every trial with its outcome and what it rests on; what was discarded is shown like the rest."""

from collections.abc import Iterator

from harness.autoresearch.ledger.event import Decided, Test
from harness.autoresearch.ledger.history import Trial
from harness.autoresearch.report.gains import challenge, trial_gain
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.outcomes import LOOKS, UNDER_WAY, badge
from harness.autoresearch.report.wording import against, gain_text, one_line, signed, start
from harness.report.document import (
    Block,
    Details,
    Heading,
    Line,
    Link,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
    Verbatim,
    cell,
)
from harness.report.wording import DASH, counted, unbroken
from harness.untrusted import tail

_HEAD = ("trial", "change", "outcome", "difference on dev", "test on dev", "gate", "why")
_TITLE, _WHY = 120, 400
_DIFF, _LOG = 20_000, 2_000
"""The most characters of one diff and of the end of one log."""


def trials_section(material: Material) -> list[Block]:
    """The table of all trials."""
    trials = material.history.trials
    if not trials:
        return [Heading(2, "Trials", "trials"), Paragraph(("There is none yet.",))]
    return [
        Heading(2, "Trials", "trials"),
        Table(_HEAD, tuple(_row(material, each) for each in trials)),
    ]


def changes_section(material: Material) -> list[Block]:
    """Each trial's diff, reason and log, to be opened; nothing where there is no trial."""
    trials, logs = material.history.trials, material.logs
    if not trials:
        return []
    return [
        Heading(2, "Each trial's change", "changes"),
        *(_details(each, logs.get(each.number)) for each in trials),
    ]


def why(trial: Trial) -> str:
    """Why it ended as it did, in words; empty while it is under way."""
    if trial.proposed.loophole is not None:
        return f"reported: {trial.proposed.loophole}"
    if trial.refused is not None:
        return f"{trial.refused.why.replace('_', ' ')}: {trial.refused.message}"
    if trial.decided is None:
        return ""
    return f"{trial.decided.why.replace('_', ' ')}: {trial.decided.message}"


def _row(material: Material, trial: Trial) -> tuple[TableCell, ...]:
    proposed, decided = trial.proposed, trial.decided
    title = one_line(proposed.title, _TITLE) or "untitled"
    return (
        cell(Link(str(trial.number), f"#{_anchor(trial)}")),
        TableCell(((title,), (Small(f"{proposed.how}, by {one_line(proposed.by, 40)}"),))),
        cell(badge(trial.outcome)),
        _difference(material, trial),
        _dev_test(decided),
        _gate_test(decided.gate if decided else None),
        cell(one_line(why(trial), _WHY)),
    )


def _difference(material: Material, trial: Trial) -> TableCell:
    gain = trial_gain(material.history, trial)
    if gain is None:
        return cell(DASH)
    test = trial.decided.dev if trial.decided else None
    pairs = len(test.seeds) if test else len(challenge(material.history, trial))
    value = gain_text(gain) if test else signed(gain.mean)
    return TableCell(((value,), (Small(counted(pairs, "pair")),)))


def _dev_test(decided: Decided | None) -> TableCell:
    """The last look's, or why there was none."""
    if decided is None or decided.dev is None:
        return cell(DASH)
    return cell(unbroken(against(decided.dev.p, decided.dev.level)))


def _gate_test(test: Test | None) -> TableCell:
    if test is None:
        return cell(DASH)
    return TableCell(((signed(test.mean),), (unbroken(against(test.p, test.level)),)))


def _details(trial: Trial, log: str | None) -> Details:
    proposed = trial.proposed
    glyph = LOOKS[trial.outcome].glyph if trial.outcome else "…"
    summary: Line = (
        Strong(f"{trial.number}"),
        f" {glyph} {trial.outcome or UNDER_WAY}: {one_line(proposed.title, _TITLE)}",
    )
    return Details(summary, tuple(_inside(trial, log)), _anchor(trial))


def _inside(trial: Trial, log: str | None) -> Iterator[Block]:
    proposed = trial.proposed
    yield Paragraph((Strong("Reason"), f": {one_line(proposed.reason) or DASH}"))
    if proposed.idea:
        yield Paragraph((Strong("Idea of the sprint"), f": {one_line(proposed.idea)}"))
    if proposed.warning:
        yield Paragraph((Strong("Warned"), f": {one_line(proposed.warning)}"))
    if said := why(trial):
        yield Paragraph((Strong("Outcome"), f": {one_line(said)}"))
    if trial.decided is not None and trial.decided.shrunken is not None:
        gain = signed(trial.decided.shrunken)
        yield Paragraph((Strong("Expected gain, shrunken"), f": {gain}"))
    if proposed.diff:
        yield Verbatim(start(proposed.diff, _DIFF), "diff")
    if log:
        yield Paragraph((Small("The end of what it printed, as data:"),))
        yield Verbatim(tail(log, _LOG))


def _anchor(trial: Trial) -> str:
    return f"trial-{trial.number}"
