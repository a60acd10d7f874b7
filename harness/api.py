"""The Python API: it reads like the command line, and is what notebooks use."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from harness.check import check
from harness.project import find_project, resolve_root
from harness.replication import Replication
from harness.run import run, write_verdicts
from harness.scaffold import scaffold
from harness.specs import DataSource
from harness.verdict import Verdict

if TYPE_CHECKING:
    from pandas import DataFrame

    from harness.experiments.context import Progress


class Verdicts(tuple[Verdict, ...]):
    """Verdicts in the paper's order, shown as a table in a terminal and in a notebook."""

    __slots__ = ()

    def __rich__(self) -> Table:
        table = Table("claim", "verdict", "why")
        for each in self:
            table.add_row(each.claim, each.outcome, each.reason)
        return table

    def _repr_html_(self) -> str:
        return _html_table(self)


class Result:
    """A replication that has run, been judged and been reported."""

    def __init__(self, replication: Replication, verdicts: Sequence[Verdict] | None = None) -> None:
        self.replication = replication
        self.verdicts = Verdicts(replication.verdicts() if verdicts is None else verdicts)
        """One verdict a claim of the paper, computed from the rows on disk."""

    @property
    def measurements(self) -> "DataFrame":
        """All rows, tidy: one column a condition."""
        from pandas import DataFrame

        rows = [
            {**row.model_dump(exclude={"conditions", "items"}), **row.conditions}
            for row in self.replication.measurements()
        ]
        return DataFrame(rows)

    @property
    def figures(self) -> dict[str, Path]:
        """PNG files of the report by name."""
        files = sorted((self.replication.root / "figures").glob("*.png"))
        return {path.stem: path for path in files}

    @property
    def report(self) -> Path:
        """The self-contained page to open."""
        return self.replication.root / "report.html"

    def __rich__(self) -> Table:
        return self.verdicts.__rich__()

    def _repr_html_(self) -> str:
        return f"<h3>{escape(self.replication.paper.title)}</h3>{_html_table(self.verdicts)}"


def replicate(
    paper: str,
    *,
    model: str | None = None,
    data: DataSource = "generated",
    device: str = "auto",
    output: Path | str | None = None,
    project: Path | None = None,
    progress: "Progress | None" = None,
) -> Result:
    """Check, run, judge and report a paper on a model; what stands complete is not run again.

    With `output` a fresh copy of the specs is run there, and what the project holds is left as it
    is. Raises `HarnessError` for what the user can mend, before anything is written but specs.
    """
    root = scaffold(project or find_project(), paper, model=model, data=data)
    replication = Replication.open(root)
    if output is not None:
        replication = replication.copy_specs(Path(output).resolve())
    return complete(replication, device=device, progress=progress)


def complete(
    replication: Replication, *, device: str = "auto", progress: "Progress | None" = None
) -> Result:
    """Take a replication through all its stages."""
    from harness.experiments.context import no_progress
    from harness.report import write_report

    check(replication)
    run(replication, device=device, progress=progress or no_progress)
    judged = write_verdicts(replication)
    write_report(replication)
    return Result(replication, judged.verdicts)


def open_replication(path: Path | str) -> Result:
    """A replication's folder as it stands, for reading."""
    return Result(Replication.open(resolve_root(Path(path))))


def outcomes(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many claims came out how."""
    counted: dict[str, int] = {}
    for verdict in verdicts:
        counted[verdict.outcome] = counted.get(verdict.outcome, 0) + 1
    return counted


def _html_table(verdicts: Sequence[Verdict]) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.claim)}</td><td>{each.outcome}</td><td>{escape(each.reason)}</td></tr>"
        for each in verdicts
    )
    return f"<table><tr><th>claim</th><th>verdict</th><th>why</th></tr>{rows}</table>"
