"""Commands that do a stage of a replication, or all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli.show import JsonFlag, bars, emit, outcome_lines, relative

if TYPE_CHECKING:
    from harness.api import Result
    from harness.replication import Replication

Folder = Annotated[Path, typer.Argument(help="A replication's folder, replications/<paper>/<id>.")]
Device = Annotated[str, typer.Option(help="auto (cuda, then mps, then cpu), cuda, mps or cpu.")]
Model = Annotated[str, typer.Option(help="A name from `harness models`, hf:ORG/NAME or path:DIR.")]
Data = Annotated[
    Literal["generated", "original"], typer.Option(help="Made here, or the authors' files.")
]


def _open(path: Path) -> "Replication":
    from harness.project import resolve_root
    from harness.replication import Replication

    return Replication.open(resolve_root(path))


def new(
    paper: str,
    model: Model = "smollm2-135m-instruct",
    data: Data = "generated",
    as_json: JsonFlag = False,
) -> None:
    """Write the replication.yaml of a paper on a model; one that exists is left alone."""
    from harness.project import find_project
    from harness.scaffold import scaffold

    root = scaffold(find_project(), paper, model=model, data=data)
    emit({"replication": relative(root)}, as_json, lambda: typer.echo(relative(root)))


def check(replication: Folder, as_json: JsonFlag = False) -> None:
    """Say what is wrong with both specs, before anything runs. Writes nothing."""
    from harness.check import check as check_replication

    opened = _open(replication)
    check_replication(opened)
    claims = len(opened.paper.claims)
    emit(
        {"replication": opened.name, "claims": claims, "problems": []},
        as_json,
        lambda: typer.echo(f"{opened.name}: ready; {claims} claims"),
    )


def run(replication: Folder, device: Device = "auto", as_json: JsonFlag = False) -> None:
    """Run the experiments that have not been run. Safe to stop and repeat."""
    from harness.check import check as check_replication
    from harness.run import run as run_experiments

    opened = _open(replication)
    check_replication(opened)
    with bars(quiet=as_json) as progress:
        run_experiments(opened, device=device, progress=progress)
    failures = [failure.model_dump() for failure in opened.failures()]
    rows = len(opened.measurements())
    emit(
        {"replication": opened.name, "measurements": rows, "failures": failures},
        as_json,
        lambda: typer.echo(f"{opened.name}: {rows:,} measurements"),
    )
    _stop_on_failures(opened)


def judge(replication: Folder, as_json: JsonFlag = False) -> None:
    """Judge every claim by the measurements on disk and write verdicts.json."""
    from harness.api import Result
    from harness.run import write_verdicts

    opened = _open(replication)
    write_verdicts(opened)
    _show_verdicts(Result(opened), as_json)


def report(replication: Folder, as_json: JsonFlag = False) -> None:
    """Draw figures and write report.md, report.html, tables, notebook and explorer.json."""
    from harness.report import write_report

    path = write_report(_open(replication))
    emit({"report": relative(path)}, as_json, lambda: typer.echo(f"report: {relative(path)}"))


def replicate(
    paper: str,
    model: Model = "smollm2-135m-instruct",
    tier: Annotated[str | None, typer.Option(help="Every model of a tier instead.")] = None,
    data: Data = "generated",
    device: Device = "auto",
    output: Annotated[
        Path | None, typer.Option(help="Run a fresh copy of the specs in this folder instead.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Replicate a paper on a model: check, run, judge, report. Safe to stop and repeat."""
    from harness.api import replicate as replicate_paper
    from harness.models.registry import tier as models_of_tier

    refs = [entry.id for entry in models_of_tier(tier)] if tier else [model]
    for ref in refs:
        with bars(quiet=as_json) as progress:
            result = replicate_paper(
                paper, model=ref, data=data, device=device, output=output, progress=progress
            )
        _show_verdicts(result, as_json)
        _stop_on_failures(result.replication)


def rerun(replication: Folder, device: Device = "auto", as_json: JsonFlag = False) -> None:
    """Execute a finished replication again and compare each number. Exit code 1 if one is off."""
    from harness.rerun import rerun as run_again

    opened = _open(replication)
    with bars(quiet=as_json) as progress:
        compared = run_again(opened, device=device, progress=progress)
    counts = {kind: compared.count(kind) for kind in ("identical", "inside", "outside", "missing")}
    off = [row.model_dump() for row in compared.rows if row.outcome in ("outside", "missing")]

    def show() -> None:
        typer.echo(", ".join(f"{count:,} {kind}" for kind, count in counts.items()))
        for row in off:
            typer.echo(f"{row['outcome']}: {row['name']}: {row['committed']} → {row['again']}")

    emit({"replication": opened.name, **counts, "off": off}, as_json, show)
    if not compared.agrees:
        raise typer.Exit(1)


def _show_verdicts(result: "Result", as_json: bool) -> None:
    from harness.api import outcomes

    opened = result.replication
    verdicts = [verdict.model_dump(mode="json") for verdict in result.verdicts]
    report = relative(result.report) if result.report.exists() else None
    content = {
        "replication": opened.name,
        "outcomes": outcomes(result.verdicts),
        "report": report,
        "verdicts": verdicts,
    }
    emit(content, as_json, lambda: outcome_lines(opened, result.verdicts, report))


def _stop_on_failures(opened: "Replication") -> None:
    """A crashed experiment is recorded, and the command still says so with exit code 1."""
    for failure in opened.failures():
        typer.echo(f"failed: {failure.experiment}: {failure.error}", err=True)
    if opened.failures():
        raise typer.Exit(1)
