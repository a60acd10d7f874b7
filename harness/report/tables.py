"""The CSV files: verdicts, claimed tables beside ours, every estimate, a leaderboard of SAEs.

An empty field is None.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from harness.estimate import Estimate
from harness.report.comparison import Comparison
from harness.report.estimates import controls
from harness.report.leaderboard import HEAD, leaderboard_rows
from harness.report.limits import demanded, metric_of
from harness.report.material import Material
from harness.report.wording import without_machine_paths

Field = str | int | float | None
_ESTIMATE = ("mean", "low", "high", "stderr", "n", "seeds")


def csv_files(material: Material, compared: Sequence[Comparison]) -> dict[str, str]:
    """The text of every CSV file by its name."""
    files = {"verdicts.csv": _verdicts(material), "estimates.csv": _estimates(material)}
    if board := leaderboard_rows(material):
        files["leaderboard.csv"] = _write(HEAD, board)
    files |= {f"{each.table.id}.csv": _compared(each) for each in compared}
    return files


def _write(head: Sequence[str], rows: Iterable[Sequence[Field]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_public(value) for value in row] for row in rows)
    return text.getvalue()


def _public(value: Field) -> Field:
    return without_machine_paths(value) if isinstance(value, str) else value


def _numbers(got: Estimate | None) -> tuple[Field, ...]:
    if got is None:
        return (None,) * len(_ESTIMATE)
    return got.mean, got.low, got.high, got.stderr, got.n, got.seeds


def _verdicts(material: Material) -> str:
    """One row an estimate of a claim or of its control; one row where a claim has none."""
    head = ("claim", "outcome", "scope", "source_status", "expected", "reason", "metric")
    rows: list[Sequence[Field]] = []
    for claim, verdict in material.judged_pairs:
        about = (
            claim.id,
            verdict.outcome,
            claim.scope,
            claim.source.status,
            demanded(material.paper, claim),
            verdict.reason,
            metric_of(material.paper, claim),
        )
        found = [(None, each.name, each.estimate) for each in verdict.estimates]
        for control in controls(material, claim):
            found += [(control.name, got.full_name, got.estimate) for got in control.estimates]
        for control, name, got in found or [(None, None, None)]:
            rows.append((*about, control, name, *_numbers(got)))
    return _write((*head, "control", "quantity", *_ESTIMATE), rows)


def _estimates(material: Material) -> str:
    """One row a quantity, its conditions as columns."""
    keys = list(dict.fromkeys(key for each in material.settings for key in each.conditions))
    rows = [
        (
            each.experiment,
            each.metric,
            each.control,
            *(each.conditions.get(key) for key in keys),
            *_numbers(each.estimate),
        )
        for each in material.settings
    ]
    return _write(("experiment", "metric", "control", *keys, *_ESTIMATE), rows)


def _compared(compared: Comparison) -> str:
    """One row a cell."""
    rows = [
        (row, column, cell.claimed.value, *_numbers(cell.here), cell.agreement or "not_measured")
        for (row, column), cell in compared.cells.items()
    ]
    return _write(("row", "column", "paper", *_ESTIMATE, "agreement"), rows)
