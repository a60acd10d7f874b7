"""Review what somebody submits: a folder, a branch, or a pull request."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit

if TYPE_CHECKING:
    from harness.experiments.context import Progress
    from harness.review import Review
    from harness.review.finding import Severity
    from harness.review.spot import Draw

What = Annotated[
    str,
    typer.Argument(
        help="A replication's folder, a branch of this repository that holds one, or the address "
        "of a pull request.",
        metavar="PATH|BRANCH|PR-URL",
    ),
]
Base = Annotated[
    str, typer.Option(help="Branch or commit whose papers and limits a branch is held against.")
]
SpotCount = Annotated[
    int, typer.Option(min=0, help="Measurements to draw and run again; needs their models.")
]
SpotMinutes = Annotated[
    float, typer.Option(min=0.1, help="Skip experiments that took longer, by their manifest.")
]
MarkdownFile = Annotated[
    Path | None, typer.Option("--markdown", help="Write the review as Markdown to this file.")
]
Device = Annotated[str, typer.Option(help="Of --spot: auto, cuda, mps or cpu.")]

_COLOURS: dict["Severity", str] = {"blocker": "red", "warning": "yellow", "note": "dim"}


def review(
    submission: What,
    base: Base = "main",
    spot: SpotCount = 0,
    spot_minutes: SpotMinutes = 10.0,
    device: Device = "auto",
    markdown: MarkdownFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a replication as data: bytes, numbers, verdicts, report. Exit code 1 for a blocker.

    Nothing of it is run or checked out; limits are main's, and verdicts and report made anew.
    """
    from harness.record import write_text
    from harness.review.shown import markdown as as_markdown
    from harness.review.spot import Draw

    draw = Draw(count=spot, minutes=spot_minutes, device=device) if spot else None
    with bars(quiet=as_json) as progress:
        found = _review(submission, base, draw, progress)
    if markdown is not None:
        write_text(markdown, as_markdown(found))
    content = {**found.model_dump(mode="json"), "passes": found.passes}
    emit(content, as_json, lambda: _show(found))
    if not found.passes:
        raise typer.Exit(1)


def _review(what: str, base: str, draw: "Draw | None", progress: "Progress") -> "Review":
    from harness.project import find_project, resolve_root
    from harness.review import review_branch, review_folder
    from harness.review.pull_request import fetched, parse_url

    if "://" in what:
        project, request = find_project(), parse_url(what)
        with fetched(project, request, base=base) as refs:
            return review_branch(project, refs.head, base=refs.base, draw=draw, progress=progress)
    root = resolve_root(Path(what))
    if root.is_dir():
        return review_folder(root, draw=draw, progress=progress)
    return review_branch(find_project(), what, base=base, draw=draw, progress=progress)


def _show(found: "Review") -> None:
    from rich.console import Console
    from rich.markup import escape

    from harness.review.rubric import FORMULA
    from harness.review.shown import hints

    console = Console()
    for each in found.findings:
        severity = f"[{_COLOURS[each.severity]}]{each.severity:7}[/]"
        where = f"{escape(each.place)}  [dim]{each.rule}[/]"
        console.print(f"{severity}  {where}", soft_wrap=True, highlight=False)
        console.print(f"         {escape(each.message)}", soft_wrap=True, highlight=False)
    for spot in found.spots:
        told = spot.skipped or f"{spot.rows} rows run again, {len(spot.off)} off"
        console.print(escape(f"{spot.experiment}, seed {spot.seed}: {told}"))
    scored = [f"{axis} {'–' if score is None else score}" for axis, score in found.scores.items()]
    console.print(f"{', '.join(scored)}  [dim]({FORMULA})[/]", highlight=False)
    for hint in hints(found):
        console.print(escape(hint), highlight=False)
    colour = "green" if found.passes else "red"
    console.print(f"[{colour}]{escape(found.sentence)}[/]", soft_wrap=True, highlight=False)
