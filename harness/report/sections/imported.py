"""Numbers that others measured: where each stands, and what they made of it beside what is here."""

from collections.abc import Iterator

from harness.estimate import Estimate, estimate
from harness.measurement import holds
from harness.metrics import get_metric
from harness.report.document import (
    Badge,
    Block,
    Code,
    Details,
    Heading,
    Line,
    Link,
    Paragraph,
    Table,
    TableCell,
    cell,
)
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.wording import DASH, joined, limit_text, transfer_and_rest, with_interval, words
from harness.specs import ImportedSpec
from harness.specs.imported import Correlation, CorrelationOf, ImportedNumber, Said

_ON_CORRELATIONS = (
    "Intervals of correlations are symmetric: the end towards zero is Fisher's, the other may lie "
    "beyond 1."
)


def imported_section(material: Material) -> list[Block]:
    """Nothing where every number was measured here."""
    specs = [each for each in material.spec.experiments if isinstance(each, ImportedSpec)]
    if not specs:
        return []
    return [
        Heading(2, "Numbers from elsewhere", "elsewhere"),
        Paragraph(_origin(material, specs[0])),
        *[block for spec in specs for block in _beside(material, spec)],
        *[_every_number(spec) for spec in specs],
    ]


def _origin(material: Material, first: ImportedSpec) -> Line:
    authors = joined(material.spec.authors) if material.spec.authors else "others"
    name = f"{first.repository.rpartition('/')[2]} at {first.commit[:7]}"
    return (
        f"Measured by {authors}, not by this harness: ",
        Link(name, f"{first.repository}/tree/{_short(first)}"),
        ". Each is read from the file named, whose content is fixed by its hash, and judged by the "
        "rules here. Running it again fetches the files and reads them again; it does not run the "
        "model.",
        *((f" {_ON_CORRELATIONS}",) if _has_correlations(first) else ()),
    )


def _short(spec: ImportedSpec) -> str:
    """The commit as addresses take it; the spec has all of it."""
    return spec.commit[:12]


def _has_correlations(spec: ImportedSpec) -> bool:
    return any(isinstance(each.reading, Correlation | CorrelationOf) for each in spec.numbers)


def _beside(material: Material, spec: ImportedSpec) -> list[Block]:
    """Their verdict beside each verdict here that rests on the same number."""
    rows = [
        (
            cell(_name(each)),
            cell(_theirs(each.said)),
            cell(Code("success") if each.said.success else Code("no success")),
            cell(_ours(material, spec, each)),
            TableCell(tuple(_verdicts(material, spec, each)) or (("no claim rests on it",),)),
        )
        for each in spec.numbers
        if each.said is not None
    ]
    head = (
        "Number",
        "What they judged",
        "Their verdict",
        "The number, with 95 % interval",
        "Verdict here",
    )
    return [Table(head, tuple(rows))] if rows else []


def _name(each: ImportedNumber) -> str:
    return f"{words(each.metric)}: {transfer_and_rest(each.where)}"


def _theirs(said: Said) -> str:
    return f"{words(said.metric)} {said.value:.3g}, at least {said.threshold:g} wanted"


def _ours(material: Material, spec: ImportedSpec, each: ImportedNumber) -> str:
    got, chance = _estimate(material, spec, each), get_metric(each.metric).chance
    shown = with_interval(got, each.metric)
    if got is None or got.low is None or got.high is None or chance is None:
        return shown
    limit = limit_text(round(chance, 3), each.metric)
    if got.low > chance:
        return f"{shown}, above chance ({limit})"
    if got.high < chance:
        return f"{shown}, below chance ({limit})"
    return f"{shown}, not told from chance ({limit})"


def _estimate(material: Material, spec: ImportedSpec, each: ImportedNumber) -> Estimate | None:
    quantity = each.quantity(spec.model)
    own = [row for row in material.measurements if row.experiment == spec.id]
    return estimate([row for row in own if row.matches(quantity)])


def _verdicts(material: Material, spec: ImportedSpec, each: ImportedNumber) -> Iterator[Line]:
    """Verdicts on the claims that ask for this number."""
    given = each.quantity(spec.model)
    for claim, verdict in material.judged_pairs:
        asked = material.paper.quantities(claim)
        rests = any(q.metric == given.metric and holds(q.where, given.where) for q in asked)
        if rests and verdict.outcome != "not_tested":
            yield (Code(claim.id), " ", Badge(verdict.outcome, LOOKS[verdict.outcome].word))


def _every_number(spec: ImportedSpec) -> Details:
    rows = tuple(
        (
            cell(_name(each)),
            cell(words(each.control) if each.control else DASH),
            cell(f"{each.seed}"),
            cell(Link(each.file, f"{spec.repository}/blob/{_short(spec)}/{each.file}")),
            cell(words(each.reading.kind)),
            cell(Code(each.sha256[:16])),
        )
        for each in spec.numbers
    )
    head = ("Number", "Control", "Seed", "File", "Read as", "SHA-256")
    return Details(
        (f"The files of all {len(rows)} numbers",), (Table(head, rows),), "elsewhere-files"
    )
