"""Hold one expectation against the measurements of the real thing, or of one control."""

from collections.abc import Sequence
from itertools import pairwise
from math import isclose
from typing import Literal, NamedTuple, assert_never

from harness.estimate import Estimate, contrast
from harness.expectations import (
    Bound,
    Equivalence,
    Expectation,
    Ordering,
    TableMatch,
    Trend,
    Value,
)
from harness.measurement import Measurement, Quantity
from harness.paper import PaperSpec
from harness.record import Record
from harness.settle import Region, more_data, place
from harness.terms import LEVEL, slope_terms, term

Outcome = Literal[
    "replicated", "partial", "not_replicated", "inconclusive", "not_applicable", "not_tested"
]


class NamedEstimate(Record):
    """An estimate with the words for what it estimates."""

    name: str
    estimate: Estimate

    def agrees(self, other: "NamedEstimate") -> bool:
        """Whether both are the same estimate, to nine digits."""
        ours, theirs = self.estimate.model_dump(), other.estimate.model_dump()
        return self.name == other.name and all(map(_close, ours.values(), theirs.values()))


class Finding(NamedTuple):
    """An outcome with its reason and the estimates that it rests on."""

    outcome: Outcome
    reason: str
    estimates: tuple[NamedEstimate, ...] = ()


def examine(
    paper: PaperSpec, want: Expectation, measured: Sequence[Measurement], control: str | None
) -> Finding:
    """What the rows of `control` (`None`: the real thing) say of an expectation."""
    match want:
        case Value(target=target, tolerance=tolerance):
            region = Region(target - tolerance, target + tolerance)
            return _one(want.quantity, region, measured, control)
        case Bound(side="at_least", limit=limit):
            return _one(want.quantity, Region(limit, None), measured, control)
        case Bound(limit=limit):
            return _one(want.quantity, Region(None, limit), measured, control)
        case Equivalence():
            return _equivalent(want, measured, control)
        case Ordering(descending=descending):
            return _ordered(descending, measured, control)
        case Trend():
            return _trend(want, measured, control)
        case TableMatch():
            return _table(want, paper, measured, control)
        case _:
            assert_never(want)


def _one(
    quantity: Quantity, region: Region, measured: Sequence[Measurement], control: str | None
) -> Finding:
    got = contrast([term(1, quantity, measured, control)], level=LEVEL)
    return _decide(str(quantity), got, region)


def _decide(name: str, got: Estimate | None, region: Region) -> Finding:
    if got is None:
        return Finding("not_tested", f"{name} was not measured")
    named = (NamedEstimate(name=name, estimate=got),)
    match place(got, region):
        case "inside":
            return Finding("replicated", f"{show(got)}, {region}", named)
        case "outside":
            return Finding("not_replicated", f"{show(got)}, {region}", named)
        case "across":
            return Finding(
                "inconclusive", f"{show(got)}, {region}; {more_data(got, region)}", named
            )
        case "unknown":
            return Finding("inconclusive", f"{show(got)}: no interval from one value", named)


def _equivalent(want: Equivalence, measured: Sequence[Measurement], control: str | None) -> Finding:
    if not isinstance(want.to, Quantity):
        region = Region(want.to - want.margin, want.to + want.margin)
        return _one(want.quantity, region, measured, control)
    terms = [
        term(1, want.quantity, measured, control),
        term(-1, want.to, measured, control),
    ]
    got = contrast(terms, level=LEVEL)
    return _decide(f"{want.quantity} - {want.to}", got, Region(-want.margin, want.margin))


def _ordered(
    descending: Sequence[Quantity], measured: Sequence[Measurement], control: str | None
) -> Finding:
    """All differences positive → replicated; refuting any one allows for having had several."""
    pairs = list(pairwise(descending))
    strict = 1 - (1 - LEVEL) / len(pairs)
    found: list[Finding] = []
    for left, right in pairs:
        terms = [term(1, left, measured, control), term(-1, right, measured, control)]
        name, region = f"{left} - {right}", Region(0, None, open=True)
        finding = _decide(name, contrast(terms, level=LEVEL), region)
        if finding.outcome == "not_replicated":
            finding = _decide(name, contrast(terms, level=strict), region)
        found.append(finding)
    return _all_of(found)


def _all_of(found: Sequence[Finding]) -> Finding:
    """Join findings each of which must hold: refuted once, partial if half of them hold."""
    outcomes = [finding.outcome for finding in found]
    estimates = tuple(named for finding in found for named in finding.estimates)
    reason = "; ".join(finding.reason for finding in found)
    if "not_tested" in outcomes:
        missing = [finding.reason for finding in found if finding.outcome == "not_tested"]
        return Finding("not_tested", "; ".join(missing), estimates)
    if "not_replicated" in outcomes:
        half = 2 * outcomes.count("replicated") >= len(outcomes)
        return Finding("partial" if half else "not_replicated", reason, estimates)
    holds = all(outcome == "replicated" for outcome in outcomes)
    return Finding("replicated" if holds else "inconclusive", reason, estimates)


def _trend(want: Trend, measured: Sequence[Measurement], control: str | None) -> Finding:
    got = contrast(slope_terms(want, measured, control), level=LEVEL)
    name = f"slope of {want.quantity} along {want.along}"
    sign = 1 if want.direction == "increasing" else -1
    return _decide(
        name, got, Region(0, None, open=True) if sign > 0 else Region(None, 0, open=True)
    )


def _table(
    want: TableMatch, paper: PaperSpec, measured: Sequence[Measurement], control: str | None
) -> Finding:
    """Count cells surely inside and surely outside, at a level that allows for their number."""
    cells = list(paper.table(want.table).cells)
    level = 1 - (1 - LEVEL) / len(cells)
    placed: list[str] = []
    named: list[NamedEstimate] = []
    for cell in cells:
        got = contrast([term(1, cell.quantity, measured, control)], level=level)
        if got is None:
            placed.append("missing")
            continue
        region = Region(cell.value - want.tolerance, cell.value + want.tolerance)
        placed.append(place(got, region))
        named.append(NamedEstimate(name=f"{cell.row} / {cell.column}", estimate=got))
    return _count(placed, want, tuple(named))


def _count(placed: Sequence[str], want: TableMatch, named: tuple[NamedEstimate, ...]) -> Finding:
    total, agree, differ = len(placed), placed.count("inside"), placed.count("outside")
    missing, needed = placed.count("missing"), want.cells * len(placed) - 1e-9
    reason = (
        f"of {total} cells {agree} agree within {want.tolerance:g}, {differ} differ, "
        f"{total - agree - differ - missing} undecided, {missing} not measured; "
        f"{want.cells:.0%} must agree"
    )
    if missing == total:
        return Finding("not_tested", f"no cell of {want.table} was measured", named)
    if agree >= needed:
        return Finding("replicated", reason, named)
    if total - differ < needed:
        return Finding("partial" if 2 * agree >= total else "not_replicated", reason, named)
    return Finding("not_tested" if missing else "inconclusive", reason, named)


def show(got: Estimate) -> str:
    """The estimate as a person reads it: value and interval."""
    if got.low is None or got.high is None:
        return f"{got.mean:.3g}"
    return f"{got.mean:.3g} [{got.low:.3g}, {got.high:.3g}]"


def _close(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
