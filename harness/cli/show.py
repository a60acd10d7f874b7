"""How commands show what they found: JSON for agents; tables, colours and bars for people."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from harness.experiments.context import Progress
    from harness.replication import Replication
    from harness.verdict import Verdict

JsonFlag = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

SYMBOLS = {
    "replicated": "[green]✔ replicated[/]",
    "partial": "[yellow]◐ partial[/]",
    "not_replicated": "[red]✘ not replicated[/]",
    "inconclusive": "[yellow]? inconclusive[/]",
    "not_applicable": "[dim]– not applicable[/]",
    "not_tested": "[dim]· not tested[/]",
}


def emit(content: object, as_json: bool, show: Callable[[], None]) -> None:
    """Print `content` as JSON, or let `show` print it for a person."""
    if as_json:
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        show()


def relative(path: Path) -> str:
    """The path as seen from here where it lies below, else as it is."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows with one set of keys as a table."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo("none")
        return
    drawn = Table()
    for place, key in enumerate(rows[0]):
        drawn.add_column(key, no_wrap=place == 0)
    for row in rows:
        drawn.add_row(*map(_cell, row.values()))
    Console().print(drawn)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownVariableType]


def outcome_lines(
    replication: "Replication", verdicts: Sequence["Verdict"], report: str | None
) -> None:
    """Print each judged claim with its reason, then the counts and the report to open."""
    from rich.console import Console
    from rich.table import Column, Table

    from harness.api import outcomes

    console = Console()
    drawn = Table(Column("claim", no_wrap=True), "verdict", "why", title=replication.name)
    quiet = ("not_applicable", "not_tested")
    for verdict in verdicts:
        if verdict.outcome not in quiet:
            drawn.add_row(verdict.claim, SYMBOLS[verdict.outcome], verdict.reason)
    console.print(drawn)
    counted = outcomes(verdicts)
    console.print(", ".join(f"{count} {SYMBOLS[kind]}" for kind, count in counted.items()))
    if report:
        console.print(f"report: {report}", soft_wrap=True)


@contextmanager
def bars(*, quiet: bool) -> "Generator[Progress]":
    """Progress bars with an estimate of the time left, on standard error."""
    from harness.experiments.context import no_progress

    if quiet:
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as drawn:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks or (done == 0 and drawn.tasks[tasks[step]].finished):
                tasks[step] = drawn.add_task(step, total=total)
            drawn.update(tasks[step], completed=done, total=total)

        yield show
