"""The paper's spec is frozen, and from here on the commit of the agent's tree holds it."""

from agents.replicate.desk import Desk
from harness.freeze import freeze
from harness.frozen import SHORT, Frozen
from harness.record import HarnessError
from harness.replication import load_paper


def take_freeze(desk: Desk) -> str:
    """Raises `HarnessError` for a paper that is here and was never frozen."""
    campaign = desk.campaign
    if campaign.is_new_paper:
        freeze(desk.top, campaign.paper, reviewed_by=campaign.reviewed_by)
        paper = load_paper(desk.top, campaign.paper)
        paths = [f"papers/{campaign.paper}/{name}" for name in ("paper.yaml", "frozen.json")]
        desk.worktree.commit(paths, f"New paper: {paper.title}, {len(paper.claims)} claims")
    return f"frozen as {frozen_digest(desk)[:SHORT]}"


def frozen_digest(desk: Desk) -> str:
    """Of the paper's spec. Raises `HarnessError` where it is not frozen."""
    paper = desk.campaign.paper
    frozen = Frozen.load_for(desk.top, paper)
    if frozen is None:
        raise HarnessError(f"papers/{paper}: not frozen; `harness freeze {paper}` after a review")
    return frozen.paper_digest
