"""What is asked of a campaign's winner, and of its record: fresh seeds, other tasks, a replay."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit

if TYPE_CHECKING:
    from harness.autoresearch.ledger.event import Checked

Folder = Annotated[Path, typer.Argument(help="Of the campaign.")]
Pairs = Annotated[int, typer.Option(min=2, help="Seeds, baseline and winner on each.")]


def confirm(folder: Folder, pairs: Pairs = 5, as_json: JsonFlag = False) -> None:
    """Hold the winner against the baseline on more fresh seeds of the gate's world."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.machine import checks

    campaign = Campaign.open(folder)
    with bars(quiet=as_json) as progress:
        found = checks.confirm(campaign, pairs=pairs, progress=progress)
    _deliver(found, as_json=as_json)


def seal(
    folder: Folder,
    pairs: Pairs = 8,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Score the winner on the sealed world. It is done once, and the campaign is over then."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.machine import checks
    from harness.record import HarnessError

    campaign = Campaign.open(folder)
    if campaign.history.sealed is None and not yes:
        if as_json:
            raise HarnessError("--yes: sealing is done once and ends the campaign; --json asks not")
        typer.confirm(
            "The sealed world is scored once, and no trial follows. Seal it now?",
            abort=True,
            err=True,
        )
    with bars(quiet=as_json) as progress:
        found = checks.seal(campaign, pairs=pairs, progress=progress)
    _deliver(found, as_json=as_json)


def transfer(
    folder: Folder,
    task: Annotated[str, typer.Argument(help="Another of `tasks`, or the path of its file.")],
    pairs: Pairs = 5,
    as_json: JsonFlag = False,
) -> None:
    """Hold the winner against the baseline on another task."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.machine import checks
    from harness.autoresearch.task import load_task

    campaign, other = Campaign.open(folder), load_task(task)
    with bars(quiet=as_json) as progress:
        found = checks.transfer(campaign, other, pairs=pairs, progress=progress)
    _deliver(found, as_json=as_json)


def replay(
    folder: Folder,
    rerun: Annotated[int, typer.Option(min=0, help="Recorded runs that are made again.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Derive every decision anew from the recorded scores; exit 1 where one does not follow."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.machine.replay import replay as replay_campaign

    campaign = Campaign.open(folder)
    with bars(quiet=as_json) as progress:
        problems = replay_campaign(campaign, rerun=rerun, progress=progress)
    ledger = campaign.ledger
    content = {"problems": problems, "lines": len(ledger.lines), "head": ledger.head}
    emit(content, as_json, lambda: _show_replay(problems, len(ledger.lines), ledger.head))
    if problems:
        raise typer.Exit(1)


def _deliver(found: "Checked", *, as_json: bool) -> None:
    emit(found.model_dump(mode="json"), as_json, lambda: _show(found))


def _show(found: "Checked") -> None:
    from harness.autoresearch.report.gain import of_test
    from harness.autoresearch.report.sections.checked import metric_rows
    from harness.autoresearch.report.wording import gain_text
    from harness.cli.show import table
    from harness.report.wording import counted

    pairs = counted(len(found.test.seeds), "fresh pair")
    typer.echo(f"{found.what} on {found.task}, {pairs}: gain {gain_text(of_test(found.test))}")
    table(metric_rows(found))
    if found.what == "seal":
        typer.echo("the campaign is over: no trial follows; `harness autoresearch report` shows it")


def _show_replay(problems: list[str], lines: int, head: str) -> None:
    from harness.autoresearch.report.wording import one_line

    for problem in problems:
        typer.echo(one_line(problem))
    found = f"{len(problems)} problems" if problems else "every decision follows"
    typer.echo(f"{found}; {lines:,} lines, head {head}")
