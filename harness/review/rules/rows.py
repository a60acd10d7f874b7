"""Measurements with the line of the file that each stands on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from harness.measurement import Condition, Measurement
from harness.review.finding import Axis, Finding, Severity

if TYPE_CHECKING:
    from harness.replication import Replication
    from harness.review.submission import Submission


class Placed(NamedTuple):
    """A row and where it stands."""

    path: str
    line: int
    row: Measurement
    scores: tuple[float, ...] | None
    """One a unit; `None` where the row holds none."""

    @property
    def place(self) -> str:
        """As a message names it."""
        return f"line {self.line}"

    def finding(
        self, rule: str, message: str, *, axis: Axis = "evidence", severity: Severity = "blocker"
    ) -> Finding:
        """A fault of this row, which is named by its metric, control and seed."""
        control = f" of {self.row.control}" if self.row.control else ""
        name = f"{self.row.metric}{control}, seed {self.row.seed}"
        return Finding(
            rule=rule,
            axis=axis,
            severity=severity,
            path=self.path,
            line=self.line,
            message=f"{name}: {message}",
        )


def placed(submission: "Submission", replication: "Replication") -> list[Placed]:
    """Every row of the experiments as their specs stand, in the order of the files."""
    found: list[Placed] = []
    for spec in replication.spec.experiments:
        path = submission.path(f"measurements/{replication.measurements_file(spec).name}")
        for line, row in enumerate(replication.rows(spec), start=1):
            scores = row.items.unpack() if row.items else None
            found.append(Placed(path, line, row, scores))
    return found


def conditions_key(conditions: Mapping[str, Condition]) -> tuple[tuple[str, Condition], ...]:
    """Conditions as a key of a mapping."""
    return tuple(sorted(conditions.items()))
