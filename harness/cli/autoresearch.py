"""`harness autoresearch …`: campaigns that improve a recipe by a metric that they cannot reach."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli.autoresearch_checks import confirm, replay, seal, transfer
from harness.cli.autoresearch_memory import search, similar
from harness.cli.picture import Device
from harness.cli.show import JsonFlag, emit, relative, table

if TYPE_CHECKING:
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.ledger.event import PolicyName
    from harness.autoresearch.task import Task

Folder = Annotated[Path, typer.Argument(help="Of the campaign.")]
PolicyOption = Annotated[
    Literal["optuna", "greedy", "tree", "sprints"],
    typer.Option(help="Which candidate is worked on next."),
]
RungOption = Annotated[
    Literal["best", "bubblewrap", "namespace", "process"],
    typer.Option("--isolation", help="`process` keeps nothing from being read: unsafe."),
]
Usd = Annotated[
    float | None, typer.Option(min=0.01, help="The most that the campaign's models may cost.")
]


def tasks(as_json: JsonFlag = False) -> None:
    """List the tasks that come with the harness."""
    from harness.autoresearch.task import load_task, shipped_tasks

    known = [load_task(name) for name in shipped_tasks()]
    content = [each.model_dump(mode="json") for each in known]
    emit(content, as_json, lambda: table([_row(each) for each in known]))


def init(
    task: Annotated[str, typer.Argument(help="One of `tasks`, or the path of a file like one.")],
    folder: Annotated[
        Path | None, typer.Option(help="A new one.  [default: runs/autoresearch/<task>]")
    ] = None,
    policy: PolicyOption = "optuna",
    proposer: Annotated[
        str | None, typer.Option(help="Who edits the recipe.  [default: optuna for policy optuna]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of policy and proposer.")] = 0,
    secret_seed: Annotated[
        int | None,
        typer.Option(
            help="Worlds and seeds then follow from a number that anyone may know: to repeat a "
            "campaign, not to believe it.  [default: drawn]"
        ),
    ] = None,
    isolation: RungOption = "best",
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Begin a campaign: fix its task, its secret, and where candidates run. Nothing is trained."""
    from harness.autoresearch.campaign import Campaign, Setup
    from harness.autoresearch.task import load_task
    from harness.isolation import choose
    from harness.models.device import pick_device

    wanted = load_task(task)
    setup = Setup(
        task=wanted,
        policy=policy,
        proposer=_known_proposer(proposer, policy),
        seed=seed,
        secret_seed=secret_seed,
        rung=choose(isolation),
        device=str(pick_device(device)),
    )
    campaign = Campaign.begin(folder or Path("runs/autoresearch") / wanted.id, setup)
    emit(_begun(campaign), as_json, lambda: _show(campaign))


def run(
    folder: Folder,
    trials: Annotated[int | None, typer.Option(min=1, help="The most of this call.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.001, help="The most of this call.")] = None,
    script: Annotated[
        Path | None, typer.Option(help="Of the proposers scripted and agent_script.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The provider's name of the model that proposes.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Like agents/metering/prices.example.yaml.")
    ] = None,
    budget_usd: Usd = None,
    max_turns: Annotated[
        int | None, typer.Option(min=1, help="The most answers of the model in the campaign.")
    ] = None,
    turn_minutes: Annotated[
        float, typer.Option(min=0.01, help="The most for one trial's editing.")
    ] = 30.0,
    base_url: Annotated[str | None, typer.Option(help="Of openai_compatible.")] = None,
    api_key_env: Annotated[
        str | None, typer.Option(help="Variable with the key, where not the usual one.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Go on with a campaign, trial after trial, to its budget. Safe to stop and repeat."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.machine.run import run_campaign
    from harness.autoresearch.proposers.fill import Wanted, proposer_for
    from harness.cli.autoresearch_board import watching

    campaign = Campaign.open(folder)
    wanted = Wanted(
        folder=folder,
        rung=campaign.begun.isolation,
        script=script,
        model=model,
        prices=prices,
        budget_usd=budget_usd,
        max_turns=max_turns,
        turn_minutes=turn_minutes,
        base_url=base_url,
        api_key_env=api_key_env,
    )
    proposer = proposer_for(campaign.begun.proposer, wanted)
    with watching(campaign.ledger, plain=as_json) as watcher:
        run_campaign(
            campaign,
            proposer,
            tell=watcher.tell,
            progress=watcher.progress,
            trials=trials,
            hours=hours,
        )
    emit(_status(campaign), as_json, lambda: _show(campaign))


def status(folder: Folder, as_json: JsonFlag = False) -> None:
    """Say how a campaign stands; it may be running."""
    from harness.autoresearch.campaign import Campaign

    campaign = Campaign.open(folder)
    emit(_status(campaign), as_json, lambda: _show(campaign))


def report(folder: Folder, as_json: JsonFlag = False) -> None:
    """Write report.md and report.html from the ledger; it may be running."""
    from harness.autoresearch.campaign import Campaign
    from harness.autoresearch.report.write import write_report

    path = write_report(Campaign.open(folder))
    page = path.with_suffix(".html")
    content = {"report": relative(path), "page": relative(page)}
    emit(content, as_json, lambda: typer.echo(f"report: {relative(path)}, {relative(page)}"))


app = typer.Typer(
    name="autoresearch",
    help="Improve a recipe for sparse autoencoders by a metric that its author cannot reach.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for command in (tasks, init, run, status, report, confirm, seal, transfer, replay):
    app.command()(command)
for command in (search, similar):
    app.command()(command)


def _known_proposer(name: str | None, policy: "PolicyName") -> str:
    """Raises `HarnessError` where a policy has no proposer of its own, and for unknown names."""
    from harness.autoresearch.proposers.fill import proposer_names
    from harness.problems import did_you_mean
    from harness.record import HarnessError

    valid = proposer_names()
    if name is None and policy == "optuna":
        return "optuna"
    if name is None:
        raise HarnessError(f"--proposer: policy {policy} needs one; valid: {', '.join(valid)}")
    if name not in valid:
        raise HarnessError(f"--proposer: {name!r} is unknown{did_you_mean(name, valid)}")
    return name


def _row(task: "Task") -> dict[str, str]:
    source, contract = task.source, task.contract
    where = source.world if source.kind == "synthetic" else f"{source.model}, layer {source.layer}"
    return {
        "task": task.id,
        "measured on": where,
        "metric": task.metric,
        "width": str(contract.width),
        "L0": f"{contract.target_l0:g}",
        "samples": f"{contract.samples:,}",
        "budget": f"{task.budget.trials} trials, {task.budget.hours:g} h",
    }


def _begun(campaign: "Campaign") -> dict[str, object]:
    return {**_status(campaign), "next": _next(campaign)}


def _status(campaign: "Campaign") -> dict[str, object]:
    from harness.autoresearch.report.status import status_of

    ledger = campaign.ledger
    status = status_of(ledger.history, ledger.lines, ledger.head)
    return {"folder": relative(campaign.folder), **status.model_dump(mode="json")}


def _next(campaign: "Campaign") -> Sequence[str]:
    folder = relative(campaign.folder)
    return [f"harness autoresearch run {folder}", f"harness autoresearch report {folder}"]


def _show(campaign: "Campaign") -> None:
    from harness.autoresearch.report.status import status_of
    from harness.cli.autoresearch_lines import status_lines

    ledger = campaign.ledger
    status = status_of(ledger.history, ledger.lines, ledger.head)
    typer.echo(f"{relative(campaign.folder)}: {status.task}, {status.policy}, {status.proposer}")
    for name, said in status_lines(status):
        typer.echo(f"{name:<10} {said}")
    if not ledger.history.trials:
        typer.echo(f"next: {_next(campaign)[0]}")
