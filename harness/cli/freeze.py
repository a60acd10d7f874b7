"""Freeze a paper's spec."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit

if TYPE_CHECKING:
    from harness.freeze import Freezing

ReviewedBy = Annotated[
    str | None,
    typer.Option(
        help="Who held claims, quotes and limits against the paper.  [default: not said]",
        metavar="NAME",
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help="Replace what was frozen; say which replications it was of.")
]


def freeze(
    paper: str, reviewed_by: ReviewedBy = None, again: Again = False, as_json: JsonFlag = False
) -> None:
    """Write down the digest of a reviewed paper spec, before anything is measured.

    From then on check and judge refuse a claim or a limit that moved. Safe to repeat.
    """
    from harness.freeze import freeze as freeze_paper
    from harness.project import find_project

    done = freeze_paper(find_project(), paper, reviewed_by=reviewed_by, again=again)
    emit(done.model_dump(mode="json"), as_json, lambda: _show(done))


def _show(done: "Freezing") -> None:
    from harness.frozen import SHORT
    from harness.report.wording import counted

    outcomes = {"frozen": "frozen", "unchanged": "frozen already", "replaced": "frozen anew"}
    frozen = done.frozen
    reviewer = (
        f"reviewed by {frozen.reviewed_by}" if frozen.reviewed_by else "who reviewed: not said"
    )
    digest, claims = frozen.paper_digest[:SHORT], counted(frozen.claims, "claim")
    typer.echo(f"papers/{done.paper}: {outcomes[done.outcome]} as {digest}: {claims}, {reviewer}")
    typer.echo(f"in each replication.yaml:\npaper_digest: {frozen.paper_digest}")
    for name in done.no_longer_of:
        typer.echo(f"no longer of this paper's spec: {name}", err=True)
