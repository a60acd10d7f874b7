"""Open a campaign: look, make its folder and the agent's tree, or find those that are there."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agents.fence import Fence, Worktree
from agents.metering import Meter
from agents.replicate.asked import Asked
from agents.replicate.campaign import Campaign
from agents.replicate.desk import Desk, Tell
from agents.replicate.journal import Journal
from agents.replicate.preflight import Looked, look
from harness.experiments.context import Progress
from harness.frozen import Frozen
from harness.publish.checkout import Checkout, open_checkout
from harness.record import HarnessError
from harness.run import only_writer
from harness.scaffold import replication_id


@contextmanager
def opened(project: Path, asked: Asked, progress: Progress, tell: Tell) -> Generator[Desk]:
    """The campaign's desk, for one process at a time.

    Raises `HarnessError` for whatever is missing, with nothing written.
    """
    with open_checkout(project, rehearsal=False) as checkout:
        looked = look(project, asked, checkout)
        folder = campaign_folder(project, _name(asked, looked))
        campaign = _campaign(project, folder, asked, looked, checkout)
        _require_same_code(checkout, campaign)
    folder.mkdir(parents=True, exist_ok=True)
    with only_writer(folder, "another process is at work on this campaign"):
        campaign = campaign.begun_in(folder)
        worktree = Worktree.create(project, folder / "worktree", commit=campaign.commit)
        fence = Fence(worktree.top, folder / "accepted")
        fence.begin()
        paid = looked.paid
        yield Desk(
            campaign=campaign,
            project=project,
            folder=folder,
            journal=Journal(folder / "journal.jsonl"),
            worktree=worktree,
            fence=fence,
            meter=Meter(
                folder / "calls",
                paid.upstream,
                paid.budget,
                paid.prices,
                models=(campaign.agent_model,),
            ),
            driver=looked.driver,
            progress=progress,
            tell=tell,
        )


def campaign_folder(project: Path, name: str) -> Path:
    """Where a campaign keeps all that it knows."""
    return project / "runs" / "agent" / name


def _name(asked: Asked, looked: Looked) -> str:
    return (
        asked.name
        or f"{looked.named.paper}-{replication_id(looked.model, 'generated')}-{asked.driver}"
    )


def _campaign(
    project: Path, folder: Path, asked: Asked, looked: Looked, checkout: Checkout
) -> Campaign:
    """As it is asked for now; what began here keeps its commit and its name, and its isolation
    where none is asked for."""
    begun = Campaign.load(folder / "campaign.json") if (folder / "campaign.json").exists() else None
    if looked.named.source is None and Frozen.load_for(project, looked.named.paper) is None:
        paper = looked.named.paper
        raise HarnessError(f"papers/{paper}: not frozen; `harness freeze {paper}` after a review")
    return Campaign(
        paper=looked.named.paper,
        source=looked.named.source,
        replication=begun.replication if begun else _replication(project, asked, looked),
        model=looked.model,
        driver=asked.driver,
        agent_model=looked.agent_model,
        rung=begun.rung if begun and asked.rung == "best" else looked.rung,
        commit=begun.commit if begun else checkout.line("rev-parse", "HEAD"),
        turn_minutes=asked.turn_minutes,
        rounds=asked.rounds,
        max_output_tokens=asked.max_output_tokens,
        reviewed_by=asked.reviewed_by,
        pause_after_claims=asked.pause_after_claims,
        publish=asked.publish,
    )


def _replication(project: Path, asked: Asked, looked: Looked) -> str:
    """A name that no replication has; another's is never written over."""
    plain = replication_id(looked.model, "generated")
    driver = asked.driver.replace("_", "-")
    names = [asked.name] if asked.name else [plain, f"{plain}-{driver}"]
    there = project / "replications" / looked.named.paper
    for name in names:
        if not (there / name).exists():
            return name
    raise HarnessError(f"{there.relative_to(project)}/{names[-1]}: is here already; give a --name")


def _require_same_code(checkout: Checkout, campaign: Campaign) -> None:
    """The code that measures is this checkout's; the manifest names the campaign's commit."""
    ran = checkout.run("diff", "--quiet", campaign.commit, "HEAD", "--", "harness")
    if ran.code != 0:
        raise HarnessError(
            f"harness/ has changed since commit {campaign.commit[:12]}, with which this campaign "
            "began; check that commit out, or begin anew with another --name"
        )
