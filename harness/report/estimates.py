"""The estimates of a claim with names short enough for a table, for the real thing or a control."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from harness.estimate import Estimate
from harness.examine import NamedEstimate
from harness.expectations import Ordering, TableMatch, Trend
from harness.paper import Claim, PaperSpec
from harness.report.limits import metric_of
from harness.report.material import Material
from harness.report.wording import telling_apart, with_interval


class Shown(NamedTuple):
    """A number of a claim as it is printed."""

    name: str
    """What it is, where the claim needs several or a derived one; else empty."""
    full_name: str
    """As the verdict names it; the same for a control."""
    text: str
    """Value and interval."""
    estimate: Estimate


def shown(paper: PaperSpec, claim: Claim, estimates: Sequence[NamedEstimate]) -> list[Shown]:
    """The estimates of one finding, in its order."""
    metric = metric_of(paper, claim)
    digits = 4 if isinstance(claim.expects, Trend) else 3
    names = _short_names(claim)
    return [
        Shown(
            names.get(each.name, ""),
            each.name,
            with_interval(each.estimate, metric, digits=digits),
            each.estimate,
        )
        for each in estimates
    ]


class ControlShown(NamedTuple):
    """A control that a claim names, and what it gives for the claim's quantity."""

    name: str
    estimates: list[Shown]
    """Empty where the control was not measured."""
    reason: str


def controls(material: Material, claim: Claim) -> list[ControlShown]:
    """Every control of a claim, also where the verdict did not come to need it."""
    return [
        ControlShown(name, shown(material.paper, claim, finding.estimates), finding.reason)
        for name, finding in material.controls[claim.id].items()
    ]


def _short_names(claim: Claim) -> dict[str, str]:
    match claim.expects:
        case Ordering(descending=descending):
            short = telling_apart(descending)
            return {
                f"{left} - {right}": f"{short[str(left)]} minus {short[str(right)]}"
                for left, right in pairwise(descending)
            }
        case Trend(quantity=quantity, along=along):
            return {f"slope of {quantity} along {along}": f"slope per {along}"}
        case _:
            return {}


def is_table(claim: Claim) -> bool:
    """Whether the claim is about a whole table, whose estimates fill a section of their own."""
    return isinstance(claim.expects, TableMatch)
