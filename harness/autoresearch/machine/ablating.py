"""Stacked changes: each is left out once, and what the score does not need is not kept."""

from harness.autoresearch.changes import Change, changes, without
from harness.autoresearch.keep.ablation import needed
from harness.autoresearch.knobs import canonical
from harness.autoresearch.ledger.event import Ablated, Invalid, Reduced, Run
from harness.autoresearch.ledger.history import Trial
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.machine.measuring import measure
from harness.autoresearch.machine.pairs import Pairs


def reduce(desk: Desk, trial: Trial, pairs: Pairs) -> str:
    """Digest of what goes to the gate: the candidate without the changes that it does not need.

    The candidate itself where there is one change, where all are needed, or where what is left
    scores worse by the margin than the whole.
    """
    campaign = desk.campaign
    incumbent, whole = campaign.candidate(pairs.incumbent), campaign.candidate(pairs.candidate)
    stacked = changes(incumbent, whole)
    if len(stacked) < 2:
        return pairs.candidate
    idle = [change for change in stacked if not _is_needed(desk, trial, pairs, change)]
    reduced = without(incumbent, whole, *idle)
    if canonical(reduced) in (canonical(whole), canonical(incumbent)):
        return pairs.candidate
    digest = campaign.store.put_candidate(reduced)
    losses = _losses(desk, trial, pairs, digest)
    if losses is None or needed(desk.task.keep, losses):
        return pairs.candidate
    desk.tape.put(Reduced(trial=trial.number, candidate=digest))
    return digest


def _is_needed(desk: Desk, trial: Trial, pairs: Pairs, change: Change) -> bool:
    campaign = desk.campaign
    incumbent, whole = campaign.candidate(pairs.incumbent), campaign.candidate(pairs.candidate)
    digest = campaign.store.put_candidate(without(incumbent, whole, change))
    losses = _losses(desk, trial, pairs, digest)
    is_needed = losses is None or needed(desk.task.keep, losses)
    loss = None if losses is None else sum(losses) / len(losses)
    desk.tape.put(
        Ablated(trial=trial.number, change=change.name, without=digest, loss=loss, needed=is_needed)
    )
    return is_needed


def _losses(desk: Desk, trial: Trial, pairs: Pairs, digest: str) -> list[float] | None:
    """Score of the whole minus score of `digest`, a seed each; `None` where it does not run."""
    whole = pairs.scores(pairs.ours)
    losses: list[float] = []
    for seed, score in list(zip(pairs.seeds, whole, strict=True))[: desk.task.keep.ablation_seeds]:
        found = measure(desk, Run(candidate=digest, tier="dev", seed=seed), trial.number)
        if isinstance(found, Invalid):
            return None
        losses.append(score - found[desk.task.metric])
    return losses
