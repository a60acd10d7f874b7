"""Whether anything was left out: seeds of the spec, and quantities that a run measures."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from harness.measurement import Evidence, Measurement, Quantity
from harness.review.finding import Finding, Severity
from harness.specs import ImportedSpec

if TYPE_CHECKING:
    from harness.review.opened import Opened
    from harness.specs import ExperimentSpec

_MOST = 5


class _Kind(NamedTuple):
    """Quantities of one kind are measured at the same seeds."""

    metric: str
    control: str | None
    conditions: frozenset[tuple[str, str]]
    """Names, and whether it is a number: `layer: 7` is of a sweep, `layer: chosen` is not."""


def completeness(opened: "Opened") -> Iterator[Finding]:
    """Rows that the spec promises and that are not there."""
    for spec in opened.replication.spec.experiments:
        rows = opened.replication.rows(spec)
        if rows:
            yield from _unasked_seeds(opened, spec, rows)
            if isinstance(spec, ImportedSpec):
                yield from _unlisted(opened, spec, rows)
            else:
                yield from _withheld(opened, spec, Evidence(rows))


def _unasked_seeds(
    opened: "Opened", spec: "ExperimentSpec", rows: list[Measurement]
) -> Iterator[Finding]:
    for seed in sorted({row.seed for row in rows} - set(spec.seeds)):
        line = next(place for place, row in enumerate(rows, start=1) if row.seed == seed)
        message = f"experiment {spec.id}: seed {seed}, which the spec does not ask for"
        yield _finding(opened, spec, "seeds", message, line=line)


def _unlisted(opened: "Opened", spec: ImportedSpec, rows: list[Measurement]) -> Iterator[Finding]:
    """Imported rows are those that the spec lists, one each."""
    for number in spec.numbers:
        wanted = number.quantity(spec.model)
        if not any(row.seed == number.seed and row.matches(wanted) for row in rows):
            message = f"experiment {spec.id}: {wanted} of seed {number.seed} is listed and withheld"
            yield _finding(opened, spec, "withheld", message)


def _withheld(opened: "Opened", spec: "ExperimentSpec", rows: Evidence) -> Iterator[Finding]:
    """Every promised quantity has rows, and at all seeds that its like has.

    Some quantities are measured once, at the first seed; which those are shows in others of their
    kind. Picked heads and layers differ between seeds, and are not promised.
    """
    layers = {layer for row in rows if isinstance(layer := row.conditions.get("layer"), int)}
    promised = list(spec.produces(sorted(layers)))
    found = [(each, [row for row in rows.near(each) if row.matches(each)]) for each in promised]
    missing = [each for each, theirs in found if not theirs]
    yield from _absent_seeds(opened, spec, rows, early=2 * len(missing) > len(promised))
    if missing:
        message = (
            f"experiment {spec.id}: {len(missing)} of {len(promised)} quantities that a run can "
            f"measure have no row, such as {missing[0]}"
        )
        yield _finding(opened, spec, "no-row", message, severity="warning")
    seeds = _seeds_of_kinds(found)
    short = [
        (each, sorted(seeds[_kind(theirs[0])] - {row.seed for row in theirs}))
        for each, theirs in found
        if theirs
    ]
    for each, lacking in [pair for pair in short if pair[1]][:_MOST]:
        told = ", ".join(map(str, lacking))
        message = f"experiment {spec.id}: {each} lacks seed {told}, which its like have: withheld"
        yield _finding(opened, spec, "withheld", message)


def _absent_seeds(
    opened: "Opened", spec: "ExperimentSpec", rows: Evidence, *, early: bool
) -> Iterator[Finding]:
    """A seed without any row; a run whose model lacks the behaviour stops after the first."""
    there = {row.seed for row in rows}
    absent = [seed for seed in spec.seeds if seed not in there]
    if absent:
        told = ", ".join(map(str, absent))
        stopped = early and there == {spec.seeds[0]}
        message = f"experiment {spec.id}: no row of seed {told}"
        message += (
            "; a run stops so where its model lacks the behaviour" if stopped else ": withheld"
        )
        severity: Severity = "note" if stopped else "blocker"
        yield _finding(opened, spec, "withheld", message, severity=severity)


def _seeds_of_kinds(
    found: list[tuple[Quantity, list[Measurement]]],
) -> dict[_Kind, set[int]]:
    seeds: defaultdict[_Kind, set[int]] = defaultdict(set)
    for _, rows in found:
        for row in rows:
            seeds[_kind(row)].add(row.seed)
    return seeds


def _kind(row: Measurement) -> _Kind:
    typed = ((key, type(value).__name__) for key, value in row.conditions.items())
    return _Kind(row.metric, row.control, frozenset(typed))


def _finding(
    opened: "Opened",
    spec: "ExperimentSpec",
    rule: str,
    message: str,
    *,
    severity: Severity = "blocker",
    line: int | None = None,
) -> Finding:
    file = opened.replication.measurements_file(spec).name
    return Finding(
        rule=rule,
        axis="evidence",
        severity=severity,
        path=opened.submission.path(f"measurements/{file}"),
        line=line,
        message=message,
    )
