"""What came out: the gain of the winner over the baseline, tier by tier, and its cautions."""

from collections.abc import Iterator, Sequence

from harness.autoresearch.ledger.event import Checked
from harness.autoresearch.report.gain import Gain, mean_of, of_test
from harness.autoresearch.report.gains import dev_gain, gate_gain, keeps, shrunken_gain
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.wording import gain_text, one_line, score_text, signed
from harness.report.document import (
    Block,
    Heading,
    Inline,
    Line,
    Listing,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.wording import DASH, counted, metric_name

_CHECKS = {
    "confirm": ("confirmed", "baseline against winner, fresh seeds of the gate"),
    "seal": ("sealed", "baseline against winner, a third world that is scored once"),
}


def headline_section(material: Material) -> list[Block]:
    """Title, one sentence, the table of tiers, and what stands against it."""
    task = material.task
    return [
        Heading(1, task.title, "top"),
        Paragraph((Small(f"Task {task.id}: {one_line(task.about)}"),)),
        Paragraph(_sentence(material)),
        Listing(tuple(_cautions(material))),
        Table(
            ("measured on", "pairs", "baseline", "winner", "gain, 95 % interval"), _rows(material)
        ),
        Paragraph(_gap(material)),
    ]


def checks(material: Material, what: str) -> list[Checked]:
    """Checks of one kind that are of today's winner, the oldest first."""
    winner = material.history.incumbent.candidate
    return [
        each for each in material.history.checked if each.what == what and each.candidate == winner
    ]


def _sentence(material: Material) -> Line:
    history = material.history
    kept = keeps(history)
    trials = counted(len(history.trials), "trial")
    if not kept:
        return (Strong(f"No change was kept in {trials}."), " The baseline is the winner.")
    metric = metric_name(material.task.metric)
    return (
        Strong(f"{counted(len(kept), 'change')} kept in {trials}."),
        f" Gain in {metric} over the baseline on fresh seeds of the gate: ",
        Strong(gain_text(gate_gain(history))),
        ".",
    )


def _cautions(material: Material) -> Iterator[Line]:
    history, begun = material.history, material.begun
    if begun.isolation == "process":
        yield (
            Strong("unsafe"),
            ": candidates ran without isolation, so nothing kept one from reading the truth.",
        )
    if begun.secret_is_known:
        yield (
            Strong("The secret is known"),
            ": worlds and seeds follow from a seed that was given, so a proposer could know them.",
        )
    if history.sealed is None:
        yield (Strong("Not sealed yet"), ": the sealed world has not been scored.")
    if history.stopped is not None:
        yield (f"Ended by {history.stopped.why}: {one_line(history.stopped.message)}.",)
    elif history.sealed is None:
        yield ("It has not ended; this is how it stands.",)


def _rows(material: Material) -> tuple[tuple[TableCell, ...], ...]:
    history = material.history
    kept = [each.decided for each in keeps(history) if each.decided]
    dev = sum(len(each.dev.seeds) for each in kept if each.dev)
    gate = sum(len(each.gate.seeds) for each in kept if each.gate)
    rows = [
        _row(
            "dev",
            "what the search is steered by",
            dev or None,
            _dev_scores(material),
            dev_gain(history),
        ),
        _row("gate", "another world, fresh seeds", gate or None, None, gate_gain(history)),
        (
            *_name("shrunken", "expected, without the luck of selection"),
            *(cell(DASH), cell(DASH), cell(DASH), cell(signed(shrunken_gain(history)))),
        ),
    ]
    for what, (name, about) in _CHECKS.items():
        found = checks(material, what)
        rows += [_checked(material, each, name, about) for each in found] or [
            (*_name(name, "not yet"), *(cell(DASH),) * 4)
        ]
    return tuple(rows)


def _dev_scores(material: Material) -> tuple[Gain | None, Gain | None]:
    history = material.history
    return (
        mean_of(history.dev_scores(history.begun.baseline)),
        mean_of(history.dev_scores(history.incumbent.candidate)),
    )


def _checked(material: Material, found: Checked, name: str, about: str) -> tuple[TableCell, ...]:
    metric = material.task.metric
    scores = mean_of(found.baseline_metrics[metric]), mean_of(found.metrics[metric])
    return _row(name, about, len(found.test.seeds), scores, of_test(found.test))


def _row(
    name: str,
    about: str,
    pairs: int | None,
    scores: tuple[Gain | None, Gain | None] | None,
    gain: Gain | None,
) -> tuple[TableCell, ...]:
    baseline, winner = scores or (None, None)
    return (
        *_name(name, about),
        cell(DASH if pairs is None else str(pairs)),
        cell(score_text(baseline)),
        cell(score_text(winner)),
        cell(Strong(gain_text(gain))),
    )


def _name(name: str, about: str) -> tuple[TableCell]:
    lines: Sequence[Line] = ((Strong(name),), (Small(about),))
    return (TableCell(tuple(lines)),)


def _gap(material: Material) -> Line:
    """How much of what the search saw is left where it could not look."""
    dev, gate = dev_gain(material.history), gate_gain(material.history)
    if dev is None or gate is None:
        return ("There is no gap between the tiers to speak of: nothing was kept.",)
    parts: list[Inline] = [
        "Gap: the gate shows ",
        Strong(signed(gate.mean - dev.mean)),
        " against dev",
    ]
    sealed = checks(material, "seal")
    if sealed:
        parts += [", the sealed world ", Strong(signed(sealed[-1].test.mean - dev.mean))]
    return (*parts, ". Gains that were selected for are partly luck, and so a gap is expected.")
