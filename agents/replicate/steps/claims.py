"""The paper's claims: written by the agent, each quote found in the text, before anything runs."""

from agents.replicate.converse import converse
from agents.replicate.desk import Desk
from agents.replicate.prompt import render
from agents.replicate.stop import Stop
from agents.replicate.task import Task
from harness.check.numbers import impossible_numbers
from harness.claims_audit import quote_problems
from harness.record import HarnessError
from harness.replication import load_paper


def take_claims(desk: Desk) -> str:
    """Raises `Stop` where the agent gives no spec that holds, or a person is to read it first."""
    campaign = desk.campaign
    if not campaign.is_new_paper:
        return f"{campaign.paper_file} is here already"
    converse(desk, _task(desk))
    claims = len(load_paper(desk.top, campaign.paper).claims)
    if campaign.pause_after_claims:
        raise Stop(
            "paused",
            f"{claims} claims wait to be read in {desk.top / campaign.paper_file}; the same "
            "command without --pause-after-claims freezes them and goes on",
        )
    return f"{claims} claims, every quote found in the text"


def _task(desk: Desk) -> Task:
    campaign = desk.campaign
    opening = render(
        "claims",
        paper=campaign.paper,
        paper_file=campaign.paper_file,
        text_file=f"papers/{campaign.paper}/paper.md",
        spec_file=desk.spec_file,
        source=str(campaign.source),
        model=campaign.model,
        replication=campaign.replication,
    )
    return Task("claims", opening, lambda: claim_problems(desk))


def claim_problems(desk: Desk) -> list[str]:
    """What keeps the paper's spec from being frozen."""
    try:
        paper = load_paper(desk.top, desk.campaign.paper)
    except HarnessError as error:
        return desk.told(error)
    quotes = quote_problems(paper, desk.text, only_read=True)
    return [*impossible_numbers(paper), *(f"{desk.campaign.paper_file}: {each}" for each in quotes)]
