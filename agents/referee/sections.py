"""The sections of a dossier: records as JSON, their texts made plain, their numbers rounded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.paper import Claim
from harness.plain_text import plain

if TYPE_CHECKING:
    from harness.estimate import Estimate
    from harness.examine import NamedEstimate
    from harness.report.comparison import Comparison
    from harness.report.material import Material
    from harness.review.finding import Finding
    from harness.verdict import Verdict

_MOST_ENTRIES = 60
"""Of one list inside an experiment's spec."""
_DIGITS = 6


def paper(material: "Material") -> JsonValue:
    """What is replicated, and on what the authors did it."""
    return _made_plain(
        material.paper.model_dump(mode="json", include={"id", "title", "year", "setup"})
    )


def judged(material: "Material", claim: Claim, verdict: "Verdict") -> JsonValue:
    """One claim that is asked about, with all that its verdict rests on."""
    from harness.report.limits import demanded

    presupposed = claim.presupposes
    controls: list[JsonValue] = [
        {
            "control": plain(name),
            "gives": plain(found.reason),
            "estimates": _estimates(found.estimates),
        }
        for name, found in material.controls[claim.id].items()
    ]
    return {
        **_stated(claim, verdict),
        "expected": plain(demanded(material.paper, claim)),
        "presupposes": (
            None
            if presupposed is None
            else plain(f"{presupposed.quantity} {presupposed.side} {presupposed.limit:g}")
        ),
        "estimates": _estimates(verdict.estimates),
        "controls": controls,
    }


def unjudged(claim: Claim, verdict: "Verdict") -> JsonValue:
    """One claim that is only shown."""
    return {**_stated(claim, verdict), "estimates": _estimates(verdict.estimates)}


def _stated(claim: Claim, verdict: "Verdict") -> dict[str, JsonValue]:
    return {
        "id": claim.id,
        "statement": plain(claim.statement),
        "source": _made_plain(claim.source.model_dump(mode="json")),
        "scope": claim.scope,
        "verdict": verdict.outcome,
        "reason": plain(verdict.reason),
    }


def _estimates(named: Sequence["NamedEstimate"]) -> list[JsonValue]:
    return [{"quantity": plain(each.name), **_numbers(each.estimate)} for each in named]


def _numbers(got: "Estimate") -> dict[str, JsonValue]:
    return {
        "mean": _rounded(got.mean),
        "low": _rounded(got.low),
        "high": _rounded(got.high),
        "n": got.n,
        "seeds": got.seeds,
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.{_DIGITS}g}")


def metrics(material: "Material", claims: Sequence[Claim]) -> JsonValue:
    """What the quantities of the judged claims are, in the harness's own words."""
    from harness.metrics import get_metric

    asked = [each.metric for claim in claims for each in material.paper.quantities(claim)]
    shown = {"definition", "unit", "better", "chance"}
    return {name: get_metric(name).model_dump(include=shown) for name in dict.fromkeys(asked)}


def method(material: "Material") -> JsonValue:
    """What was run, and how that differs from the paper."""
    spec, manifest = material.spec, material.manifest
    return {
        "experiments": [_experiment(material, each.id) for each in spec.experiments],
        "deviations": [_made_plain(each.model_dump(mode="json")) for each in spec.deviations],
        "crashed": [
            {"experiment": each.experiment, "error": plain(each.error)}
            for each in material.failures
        ],
        "uncommitted_changes": None if manifest is None else manifest.dirty,
    }


def _experiment(material: "Material", name: str) -> JsonValue:
    """Its spec, and what the rows say was measured."""
    spec = next(each for each in material.spec.experiments if each.id == name)
    rows = [row for row in material.measurements if row.experiment == name]
    measured: dict[str, JsonValue] = {
        "rows": len(rows),
        "seeds": [*sorted({row.seed for row in rows})],
        "n_smallest": min((row.n for row in rows), default=None),
        "n_largest": max((row.n for row in rows), default=None),
        "controls": [*sorted({plain(row.control) for row in rows if row.control})],
    }
    dumped = spec.model_dump(mode="json")
    return {"spec": _made_plain(dumped), "measured": measured}


def table(compared: "Comparison") -> JsonValue:
    """A table of the paper with our estimates in its cells; null where there is none."""
    table = compared.table
    return {
        "id": table.id,
        "title": plain(table.title),
        "metric": table.metric,
        "source": _made_plain(table.source.model_dump(mode="json")),
        "tolerance": compared.tolerance,
        "cells": [
            {
                "row": plain(row),
                "column": plain(column),
                "paper": _rounded(cell.claimed.value),
                "here": None if cell.here is None else _numbers(cell.here),
                "agreement": cell.agreement,
            }
            for (row, column), cell in compared.cells.items()
        ],
    }


def finding(found: "Finding") -> JsonValue:
    """One fault that a review found."""
    return {
        "rule": plain(found.rule),
        "severity": found.severity,
        "place": plain(found.place),
        "message": plain(found.message),
    }


def _made_plain(value: JsonValue) -> JsonValue:
    """Every text made plain, keys too; a long list cut, with a last entry that says so."""
    match value:
        case str():
            return plain(value)
        case float():
            return _rounded(value)
        case dict():
            return {plain(key): _made_plain(inner) for key, inner in value.items()}
        case list():
            over = len(value) - _MOST_ENTRIES
            kept = [_made_plain(inner) for inner in value[:_MOST_ENTRIES]]
            return [*kept, f"[{over} more entries left out]"] if over > 0 else kept
        case _:
            return value
