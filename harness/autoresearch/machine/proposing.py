"""The next trial's proposal: asked for, held against what may be proposed, laid into its folder."""

import time

from harness.autoresearch.campaign import trial_seed
from harness.autoresearch.candidate import Candidate
from harness.autoresearch.changes import unified_diff
from harness.autoresearch.knobs import canonical, contract_problems
from harness.autoresearch.ledger.event import Materialised, PlanMade, Proposed, Refused
from harness.autoresearch.ledger.history import Trial
from harness.autoresearch.ledger.memory import memory
from harness.autoresearch.ledger.search import nearest
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.machine.tape import Diverged
from harness.autoresearch.policies.choose import policy_for
from harness.autoresearch.policies.plateau import state
from harness.autoresearch.policies.policy import Ask
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal, Proposer
from harness.record import HarnessError


def propose(desk: Desk, proposer: Proposer) -> Exhausted | None:
    """Begin the next trial; what a proposer says that has nothing more to propose."""
    if state(desk.history) == "plan":
        _plan(desk, proposer)
    ask = policy_for(desk.history.begun.policy).ask(desk.history)
    recorded = desk.tape.take(Proposed)
    if recorded is not None:
        if (recorded.parent, recorded.how) != (ask.parent, ask.how):
            raise Diverged(f"trial {recorded.trial}: the policy asks for another parent")
        return None
    desk.say(f"trial {_number(desk)}: {proposer.name} proposes")
    brief = _brief(desk, ask)
    began = time.monotonic()
    answer = proposer.propose(brief, desk.campaign.trial_folder(brief.trial))
    if isinstance(answer, Exhausted):
        return answer
    proposed = _proposed(desk, ask, brief, answer, proposer.name)
    desk.tape.put(proposed, seconds=time.monotonic() - began)
    return None


def admit(desk: Desk, trial: Trial) -> None:
    """Refuse what is no new candidate under the contract; lay the others into their folder."""
    candidate = desk.campaign.candidate(trial.proposed.candidate)
    refused = _refusal(desk, trial, candidate)
    if refused is not None:
        desk.tape.put(refused)
        return
    candidate.write(desk.campaign.trial_folder(trial.number) / "candidate")
    desk.tape.put(Materialised(trial=trial.number, candidate=trial.proposed.candidate))


def _plan(desk: Desk, proposer: Proposer) -> None:
    if desk.tape.take(PlanMade) is not None:
        return
    desk.say(f"a plateau: {proposer.name} plans")
    brief = _brief(desk, Ask(desk.history.incumbent.candidate, "improve"))
    folder = desk.campaign.trial_folder(brief.trial) / "plan"
    ideas = proposer.plan(brief, folder)
    desk.tape.put(PlanMade(after_trial=len(desk.history.trials), ideas=ideas))


def _brief(desk: Desk, ask: Ask) -> Brief:
    history, campaign = desk.history, desk.campaign
    number = _number(desk)
    scores = history.dev_scores(history.incumbent.candidate)
    return Brief(
        task=desk.task,
        trial=number,
        how=ask.how,
        parent=campaign.candidate(ask.parent),
        incumbent=campaign.candidate(history.incumbent.candidate),
        incumbent_score=sum(scores) / len(scores) if scores else None,
        memory=memory(history, campaign.store),
        ideas=history.plan.ideas if history.plan else (),
        idea=ask.idea,
        seed=trial_seed(history.begun.seed, number),
        wide=state(history) == "wide",
    )


def _number(desk: Desk) -> int:
    return len(desk.history.trials) + 1


def _proposed(desk: Desk, ask: Ask, brief: Brief, answer: Proposal, by: str) -> Proposed:
    diff = unified_diff(brief.parent, answer.candidate)
    near = nearest(brief.memory, diff)
    return Proposed(
        trial=brief.trial,
        how=ask.how,
        parent=ask.parent,
        candidate=desk.campaign.store.put_candidate(answer.candidate),
        by=by,
        title=answer.title,
        reason=answer.reason,
        idea=answer.idea or ask.idea,
        diff=diff,
        loophole=answer.loophole,
        trespass=answer.trespass,
        warning=None if near is None else f"near to trial {near.trial.trial}: {near.trial.title}",
        usd=answer.usd,
        tokens=answer.tokens,
    )


def _refusal(desk: Desk, trial: Trial, candidate: Candidate) -> Refused | None:
    trespass = trial.proposed.trespass
    if trespass is not None:
        return Refused(trial=trial.number, why="trespass", message=trespass)
    parent = desk.campaign.candidate(trial.proposed.parent)
    try:
        name, parents = canonical(candidate), canonical(parent)
        problems = contract_problems(candidate, desk.task.contract)
    except HarnessError as error:
        return Refused(trial=trial.number, why="unreadable", message=str(error))
    if problems:
        return Refused(trial=trial.number, why="contract", message="\n".join(problems))
    if name == parents:
        message = "behaves as what it was made from"
        return Refused(trial=trial.number, why="no_change", message=message)
    like = _duplicated(desk, trial, name)
    if like is None:
        return None
    message = f"behaves as trial {like} did" if like else "behaves as the starting recipe"
    return Refused(trial=trial.number, why="duplicate", message=message, like=like)


def _duplicated(desk: Desk, trial: Trial, name: str) -> int | None:
    """The trial that was run with a candidate of the same behaviour; 0 is the baseline."""
    campaign = desk.campaign
    if canonical(campaign.candidate(desk.history.begun.baseline)) == name:
        return 0
    for earlier in desk.history.trials[: trial.number - 1]:
        tried = {earlier.proposed.candidate, earlier.reduced or earlier.proposed.candidate}
        if earlier.materialised and name in {canonical(campaign.candidate(c)) for c in tried}:
            return earlier.number
    return None
