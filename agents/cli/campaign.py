"""Campaigns: begin one or go on with it, and say how they stand."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli.show import JsonFlag, bars, emit, table

if TYPE_CHECKING:
    from agents.replicate.asked import Asked
    from agents.replicate.outcome import Outcome

DriverOption = Annotated[
    Literal["claude_code", "codex", "anthropic", "openai", "openai_compatible", "scripted"],
    typer.Option(
        help="Claude Code, Codex, a loop over the Messages, Responses or Chat Completions API, or "
        "a script."
    ),
]
RungOption = Annotated[
    Literal["best", "bubblewrap", "namespace", "process"],
    typer.Option("--isolation", help="`process` keeps nothing from being written: unsafe."),
]
Usd = Annotated[
    float | None, typer.Option(min=0.0, help="The most that calls may cost; needs --prices.")
]
Tokens = Annotated[int | None, typer.Option(min=1, help="The most tokens, in and out.")]
Turns = Annotated[int, typer.Option(min=1, help="The most answers of the model, over all steps.")]
Publish = Annotated[
    bool, typer.Option("--publish/--no-publish", help="Open a pull request at the end.")
]


def replicate(
    paper: Annotated[
        str, typer.Argument(help="A paper of `harness papers`, an address, or a PDF or text file.")
    ],
    model: Annotated[str, typer.Option(help="The model that is studied, as in `harness models`.")],
    driver: DriverOption,
    agent_model: Annotated[
        str | None, typer.Option(help="The provider's name of the model that the agent runs on.")
    ] = None,
    budget_usd: Usd = None,
    budget_tokens: Tokens = None,
    max_turns: Turns = 200,
    prices: Annotated[
        Path | None, typer.Option(help="Like agents/metering/prices.example.yaml.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Of campaign and replication.  [default: of the models]")
    ] = None,
    new_paper: Annotated[
        str | None, typer.Option("--paper", help="Id of a new paper.  [default: of its file]")
    ] = None,
    reviewed_by: Annotated[
        str | None, typer.Option(help="Who has read the claims before they are frozen.")
    ] = None,
    pause_after_claims: Annotated[
        bool, typer.Option("--pause-after-claims", help="Stop for a person to read the claims.")
    ] = False,
    isolation: RungOption = "best",
    turn_minutes: Annotated[float, typer.Option(min=0.01, help="The most for one turn.")] = 60.0,
    rounds: Annotated[int, typer.Option(min=1, help="The most turns of one step.")] = 8,
    max_output_tokens: Annotated[int, typer.Option(min=1, help="Of one answer.")] = 16_000,
    base_url: Annotated[str | None, typer.Option(help="Of --driver openai_compatible.")] = None,
    api_key_env: Annotated[
        str | None, typer.Option(help="Variable with the key, where not the usual one.")
    ] = None,
    script: Annotated[Path | None, typer.Option(help="Of --driver scripted.")] = None,
    publish: Publish = True,
    remote: Annotated[str, typer.Option(help="Remote that the pull request goes to.")] = "origin",
    base: Annotated[str | None, typer.Option(help="Branch that it goes into.")] = None,
    patch: Annotated[bool, typer.Option("--patch", help="Write files to send instead.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Let an agent replicate a paper on a model and open a pull request. Safe to stop and repeat.

    The agent writes specs in a working tree of its own; the harness finds each quote in the text,
    freezes the claims, measures, judges and reports. Calls go through a meter that holds the key
    and refuses what is over the budget. Exit code 1 where it stopped before the end.
    """
    from agents.replicate.asked import Asked
    from agents.replicate.campaign import Publishing

    asked = Asked(
        what=paper,
        model=model,
        driver=driver,
        agent_model=agent_model,
        paper=new_paper,
        name=name,
        budget_usd=None if budget_usd is None else Decimal(str(budget_usd)),
        budget_tokens=budget_tokens,
        max_turns=max_turns,
        prices=prices,
        base_url=base_url,
        api_key_env=api_key_env,
        script=script,
        rung=isolation,
        reviewed_by=reviewed_by,
        pause_after_claims=pause_after_claims,
        turn_minutes=turn_minutes,
        rounds=rounds,
        max_output_tokens=max_output_tokens,
        publish=Publishing(wanted=publish, remote=remote, base=base, patch=patch),
    )
    done = _run(asked, as_json)
    emit(_content(done), as_json, lambda: _show(done))
    if not done.finished and done.why != "paused":
        raise typer.Exit(1)


def _run(asked: "Asked", as_json: bool) -> "Outcome":
    from agents.replicate.machine import replicate as run_campaign
    from agents.replicate.opening import opened
    from harness.project import find_project

    def tell(line: str) -> None:
        if not as_json:
            typer.echo(line, err=True)

    with bars(quiet=as_json) as progress, opened(find_project(), asked, progress, tell) as desk:
        return run_campaign(desk)


def status(
    campaign: Annotated[str | None, typer.Argument(help="Its name.  [default: all]")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say how far campaigns are, what they spent, and why they stopped. Writes nothing."""
    from agents.replicate.standing import standing, standing_text, standings
    from harness.project import find_project

    project = find_project()
    found = standings(project) if campaign is None else [standing(project, campaign)]
    rows = [each.model_dump(mode="json") for each in found]
    emit(rows, as_json, lambda: typer.echo("\n\n".join(map(standing_text, found)) or "none"))


def drivers(as_json: JsonFlag = False) -> None:
    """List the drivers, the version of each that is installed, and the key that it needs."""
    from agents.replicate.standing import installed

    rows = [each.model_dump(mode="json") for each in installed()]
    emit(rows, as_json, lambda: table(rows))


def _content(done: "Outcome") -> dict[str, object]:
    return {**done.model_dump(mode="json"), "finished": done.finished}


def _show(done: "Outcome") -> None:
    from agents.replicate.shown import lines

    for line in lines(done):
        typer.echo(line)
