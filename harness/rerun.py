"""Execute a finished replication again from its specs and hold each number against the old one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from harness.estimate import estimate
from harness.experiments.context import Progress, no_progress
from harness.measurement import Measurement
from harness.record import HarnessError, Record
from harness.replication import Replication
from harness.run import run


class Compared(Record):
    """One committed measurement beside its repetition."""

    name: str
    committed: float | None
    low: float | None
    high: float | None
    """95 % interval of the committed value; `None` where only equality counts."""
    again: float | None
    outcome: Literal["identical", "inside", "outside", "missing", "withheld"]
    """`missing`: committed, and not obtained again; `withheld`: obtained, and not committed."""

    @property
    def agrees(self) -> bool:
        """Whether the number came out again inside its interval."""
        return self.outcome in ("identical", "inside")


class Comparison(Record):
    """All measurements of a replication, compared."""

    rows: tuple[Compared, ...]

    @property
    def agrees(self) -> bool:
        """Whether every number came out inside its interval."""
        return all(row.agrees for row in self.rows)

    def count(self, outcome: str) -> int:
        """Number of rows with an outcome."""
        return sum(row.outcome == outcome for row in self.rows)


def rerun(
    replication: Replication, *, device: str = "auto", progress: Progress = no_progress
) -> Comparison:
    """Run everything again in a scratch folder, without cached activations.

    Raises `HarnessError` where the replication has not been run, or an experiment crashes.
    """
    committed = replication.measurements()
    if not committed:
        raise HarnessError(f"{replication.name}: no measurements to compare with; run it first")
    with TemporaryDirectory() as scratch:
        copy = replication.copy_specs(Path(scratch).resolve())
        run(copy, device=device, use_cache=False, progress=progress)
        if copy.failures():
            raise HarnessError(f"{replication.name}: {copy.failures()[0].error}")
        again = {row_key(row): row for row in copy.measurements()}
    compared = [compare_row(row, again.get(row_key(row))) for row in committed]
    known = {row_key(row) for row in committed}
    withheld = [_withheld(row) for key, row in again.items() if key not in known]
    return Comparison(rows=(*compared, *withheld))


def row_key(row: Measurement) -> tuple[object, ...]:
    """What tells a row from every other one."""
    conditions = tuple(sorted(row.conditions.items()))
    return (row.experiment, row.metric, row.control, row.seed, conditions)


def compare_row(row: Measurement, again: Measurement | None) -> Compared:
    """A row beside its repetition: inside its own interval, or equal where it has none."""
    own = estimate([row])
    low, high = (own.low, own.high) if own else (None, None)
    if again is None:
        outcome = "missing"
    elif again.value == row.value:
        outcome = "identical"
    else:
        inside = low is not None and high is not None and low <= again.value <= high
        outcome = "inside" if inside else "outside"
    return Compared(
        name=_name(row),
        committed=row.value,
        low=low,
        high=high,
        again=again.value if again else None,
        outcome=outcome,
    )


def _withheld(row: Measurement) -> Compared:
    return Compared(
        name=_name(row), committed=None, low=None, high=None, again=row.value, outcome="withheld"
    )


def _name(row: Measurement) -> str:
    conditions = " ".join(f"{key}={value}" for key, value in row.conditions.items())
    return f"{row.experiment} {row.metric} {conditions} control={row.control} seed={row.seed}"
