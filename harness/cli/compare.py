"""The command that holds two replications of a paper against each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import SYMBOLS, JsonFlag, bars, emit, relative

if TYPE_CHECKING:
    from rich.table import Table

    from harness.compare.side_by_side import ClaimDifference, SideBySide
    from harness.paper import PaperSpec

Replicated = Annotated[
    Path, typer.Argument(help="A replication's folder, or an archive that `export` wrote.")
]


def compare(
    first: Replicated,
    second: Replicated,
    output: Annotated[
        Path | None, typer.Option(help="Also write compare.md, .html, .csv and a figure there.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare two replications of one paper: verdicts, numbers, and B - A with its interval."""
    from harness.archive.opened import opened
    from harness.compare.comparing import compare as compare_replications
    from harness.compare.write import write_comparison

    with opened(first) as ours, opened(second) as theirs:
        paper = ours.replication.paper
        with bars(quiet=as_json) as progress:
            found = compare_replications(ours.replication, theirs.replication, progress=progress)
    page = write_comparison(found, paper, output) if output else None
    content = {
        **found.model_dump(mode="json"),
        "page": relative(page) if page else None,
    }
    emit(content, as_json, lambda: _show(found, paper, page))


def _show(found: "SideBySide", paper: "PaperSpec", page: Path | None) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    from harness.compare.page import summary

    console = Console()
    console.print(f"A: {found.first.replication}", f"B: {found.second.replication}", sep="\n")
    drawn = Table(Column("claim", overflow="fold"), "", Column("number", no_wrap=True), "")
    for claim in found.compared:
        _add_rows(drawn, claim, paper)
    if found.compared:
        console.print(drawn)
    for claim in found.left_out:
        typer.echo(f"not compared: {claim.claim}: {claim.why}")
    typer.echo(f"{summary(found)}; {len(found.unmeasured)} measured in neither")
    if page:
        typer.echo(f"page: {relative(page)}")


def _add_rows(drawn: "Table", claim: "ClaimDifference", paper: "PaperSpec") -> None:
    """A, B and the difference beneath each other, which fits in 80 columns."""
    from harness.compare.named import WORDS

    assert claim.first and claim.second and claim.numbers, claim
    ours, theirs, leads = _texts(claim, paper)
    drawn.add_row(claim.claim, "A", ours, SYMBOLS[claim.first])
    drawn.add_row("", "B", theirs, SYMBOLS[claim.second])
    drawn.add_row("", "B - A", leads, WORDS[claim.numbers], end_section=True)


def _texts(claim: "ClaimDifference", paper: "PaperSpec") -> tuple[str, str, str]:
    from rich.markup import escape

    from harness.compare.named import MOST, named

    if len(claim.quantities) > MOST:
        differing = sum(each.numbers == "differ" for each in claim.quantities)
        measured = sum(each.difference is not None for each in claim.quantities)
        return "", "", f"{differing} of {measured} differ"
    first, second, leads = (
        "\n".join(escape(each.text) for each in named(claim, paper, side))
        for side in (
            [each.first for each in claim.quantities],
            [each.second for each in claim.quantities],
            [each.difference for each in claim.quantities],
        )
    )
    return first, second, leads
