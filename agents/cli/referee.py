"""Language models as referees of a replication."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit, relative

if TYPE_CHECKING:
    from agents.referee.panel import Panel


def review(
    replication: Annotated[Path, typer.Argument(help="Its folder, replications/<paper>/<id>.")],
    panel: Annotated[Path, typer.Option(help="YAML file that names the members.")],
    output: Annotated[
        Path | None, typer.Option(help="[default: runs/referees/<paper>/<id>]")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask members that have answered this already, too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Let a panel of language models referee a replication. Verdicts stay as they are.

    Each member reads the claims, the method, the estimates and what `harness review` finds, and
    says for each claim whether it is supported and what speaks against it most. Answers are kept,
    and a second run asks only who has not answered. Exit code 1 where nobody gave a valid answer.
    agents/panels/example.yaml is a panel to start from.
    """
    from agents.referee.hearing import hear
    from agents.referee.panel_spec import PanelSpec
    from harness.project import resolve_root
    from harness.replication import Replication
    from harness.review import review_folder

    spec = PanelSpec.load(panel)
    opened = Replication.open(resolve_root(replication))
    folder = output or Path("runs/referees") / opened.spec.paper / opened.spec.id
    findings = review_folder(opened.root).findings
    with bars(quiet=as_json) as progress:
        heard = hear(opened, spec, findings, folder, again=again, progress=progress)
    content = {**heard.model_dump(mode="json"), "page": relative(folder / "panel.md")}
    emit(content, as_json, lambda: _show_panel(heard, folder))
    if not heard.valid:
        raise typer.Exit(1)


def _show_panel(heard: "Panel", folder: Path) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from agents.referee.page import overall_text, votes_text

    table = Table(Column("claim", overflow="fold"), "verdict", "votes", "agreement", "doubts")
    for claim in heard.claims:
        doubts = ", ".join(vote.member for vote in claim.doubts)
        cells = (claim.claim, claim.verdict, votes_text(claim), claim.agreement, doubts)
        table.add_row(*(Text(cell or "–") for cell in cells))
    Console().print(table)
    for reply in heard.replies:
        if reply.problem is not None:
            typer.echo(f"{reply.member}: {reply.status}: {reply.problem.message}")
    typer.echo(overall_text(heard))
    typer.echo(f"page: {relative(folder / 'panel.md')}")
