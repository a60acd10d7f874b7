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

    The candidate itself where there is one change, where all are needed, or where they are needed
    together: what is left scores worse than the whole, as one change does that is needed.
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
    if _left_out(desk, trial, pairs, digest)[1]:
        return pairs.candidate
    desk.tape.put(Reduced(trial=trial.number, candidate=digest))
    return digest


def _is_needed(desk: Desk, trial: Trial, pairs: Pairs, change: Change) -> bool:
    campaign = desk.campaign
    incumbent, whole = campaign.candidate(pairs.incumbent), campaign.candidate(pairs.candidate)
    digest = campaign.store.put_candidate(without(incumbent, whole, change))
    loss, is_needed = _left_out(desk, trial, pairs, digest)
    desk.tape.put(
        Ablated(trial=trial.number, change=change.name, without=digest, loss=loss, needed=is_needed)
    )
    return is_needed


def _left_out(desk: Desk, trial: Trial, pairs: Pairs, digest: str) -> tuple[float | None, bool]:
    """Mean loss of a candidate against the whole, and whether it is too large to go without.

    No loss is known where the candidate does not run, and then it cannot be gone without.
    """
    losses: list[float] = []
    for seed, score in zip(pairs.seeds, pairs.scores(pairs.ours), strict=True):
        found = measure(desk, Run(candidate=digest, tier="dev", seed=seed), trial.number)
        if isinstance(found, Invalid):
            return None, True
        losses.append(score - found[desk.task.metric])
        verdict = needed(desk.task.keep, losses)
        if verdict is not None:
            return sum(losses) / len(losses), verdict
    raise AssertionError((pairs.seeds, desk.task.keep))
