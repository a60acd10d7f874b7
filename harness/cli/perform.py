"""Commands that do a stage of a replication, or all of them."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli.show import JsonFlag, bars, emit, outcome_lines, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.api import Result
    from harness.replication import Replication

Folder = Annotated[Path, typer.Argument(help="A replication's folder, replications/<paper>/<id>.")]
Device = Annotated[str, typer.Option(help="auto (cuda, then mps, then cpu), cuda, mps or cpu.")]
Model = Annotated[
    str | None,
    typer.Option(
        help="A name from `harness models`, hf:ORG/NAME or path:DIR.  [default: the embedded "
        "model, or what the paper is replicated on already]"
    ),
]
Data = Annotated[
    Literal["generated", "original"], typer.Option(help="Made here, or the authors' files.")
]


def _open(path: Path) -> "Replication":
    from harness.project import resolve_root
    from harness.replication import Replication

    return Replication.open(resolve_root(path))


def new(
    paper: str,
    model: Model = None,
    data: Data = "generated",
    family: Annotated[
        str | None,
        typer.Option(
            help="Start from one experiment of this family: probing, attention, patching, "
            "steering, sae_bench, circuit_tracing or imported. A new paper needs it."
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--id", help="Name of the replication's folder.  [default: by model and data]"
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Of a new paper.")] = None,
    authors: Annotated[str | None, typer.Option(help="Of a new paper, between commas.")] = None,
    year: Annotated[int | None, typer.Option(help="Of a new paper.")] = None,
    url: Annotated[str | None, typer.Option(help="Of a new paper.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the specs of a replication; what exists is left alone.

    Of a known paper replication.yaml, with an existing replication's experiments or, with --family,
    a first one. Of a new paper paper.yaml too; each TODO in it is refused until it is written over.
    """
    from harness.project import find_project
    from harness.scaffold import Bibliography, Wanted, begin, next_commands

    names = tuple(name.strip() for name in (authors or "").split(",") if name.strip())
    about = Bibliography(title=title, authors=names, year=year, url=url)
    wanted = Wanted(model=model, data=data, family=family, name=folder, about=about)
    project = find_project()
    root = begin(project, paper, wanted)
    commands = next_commands(project, root)
    paths = {
        "replication": relative(root),
        "paper": relative(project / "papers" / paper / "paper.yaml"),
    }

    def show() -> None:
        typer.echo(paths["replication"])
        typer.echo("\n  ".join(("next:", *commands)), err=True)

    emit({**paths, "next": commands}, as_json, show)


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
    _stop_on_failures([opened])


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
    model: Model = None,
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

    def complete(ref: str | None) -> "Result":
        with bars(quiet=as_json) as progress:
            return replicate_paper(
                paper, model=ref, data=data, device=device, output=output, progress=progress
            )

    if tier is not None:
        _replicate_tier(tier, complete, as_json)
        return
    result = complete(model)
    _show_verdicts(result, as_json)
    _stop_on_failures([result.replication])


def _replicate_tier(tier: str, complete: "Callable[[str], Result]", as_json: bool) -> None:
    """Every model of a tier; one that cannot be had does not keep the others from running."""
    from harness.models.registry import tier as models_of_tier
    from harness.record import HarnessError

    results: list[Result] = []
    refused: dict[str, str] = {}
    for entry in models_of_tier(tier):
        try:
            results.append(complete(entry.id))
        except HarnessError as error:
            refused[entry.id] = str(error)
            typer.echo(f"error: {entry.id}: {error}", err=True)
            continue
        if not as_json:
            _show_verdicts(results[-1], as_json)
    if as_json:
        content = {"results": [_content(each) for each in results], "error": refused}
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    if refused:
        raise typer.Exit(2)
    _stop_on_failures([result.replication for result in results])


def rerun(
    replication: Annotated[
        Path, typer.Argument(help="A replication's folder, or an archive that `export` wrote.")
    ],
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Execute a finished replication again and compare each number. Exit code 1 if one is off.

    Of an archive, also the versions that are not those it was packed with.
    """
    from harness.archive.environment import Environment
    from harness.archive.opened import opened as open_either
    from harness.cli.archive import show_versions
    from harness.rerun import rerun as run_again

    with open_either(replication) as (opened, lock):
        versions = lock.differences(Environment.now()) if lock else []
        if not as_json:
            show_versions(versions, "archive", "here")
        with bars(quiet=as_json) as progress:
            compared = run_again(opened, device=device, progress=progress)
    kinds = ("identical", "inside", "outside", "missing", "withheld")
    counts = {kind: compared.count(kind) for kind in kinds}
    off = [row.model_dump() for row in compared.rows if not row.agrees]

    def show() -> None:
        typer.echo(", ".join(f"{count:,} {kind}" for kind, count in counts.items()))
        for row in off:
            typer.echo(f"{row['outcome']}: {row['name']}: {row['committed']} → {row['again']}")

    told = {"versions": [each.model_dump() for each in versions]} if lock else {}
    emit({"replication": opened.name, **counts, "off": off, **told}, as_json, show)
    if not compared.agrees:
        raise typer.Exit(1)


def _show_verdicts(result: "Result", as_json: bool) -> None:
    report = _report(result)
    show = partial(outcome_lines, result.replication, result.verdicts, report)
    emit(_content(result), as_json, show)


def _content(result: "Result") -> dict[str, object]:
    from harness.api import outcomes

    return {
        "replication": result.replication.name,
        "outcomes": outcomes(result.verdicts),
        "report": _report(result),
        "verdicts": [verdict.model_dump(mode="json") for verdict in result.verdicts],
        "failures": [failure.model_dump() for failure in result.replication.failures()],
    }


def _report(result: "Result") -> str | None:
    return relative(result.report) if result.report.exists() else None


def _stop_on_failures(replications: "Sequence[Replication]") -> None:
    """A crashed experiment is recorded, and the command still says so with exit code 1."""
    failures = [failure for each in replications for failure in each.failures()]
    for failure in failures:
        typer.echo(f"failed: {failure.experiment}: {failure.error}", err=True)
    if failures:
        raise typer.Exit(1)
