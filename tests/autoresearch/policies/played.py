"""Campaigns in which a policy asks and each trial's end is written down here."""

from typing import NamedTuple

from harness.autoresearch.ledger.event import Begun, Decided, PlanMade, Proposed, Refused, Test
from harness.autoresearch.ledger.history import History
from harness.autoresearch.policies.policy import Ask, Policy
from tests.autoresearch.knob_recipes import TASK

BASELINE = "c0"


class End(NamedTuple):
    """What becomes of a trial; its candidate is `c1`, `c2`, … by its number."""

    outcome: str
    gain: float | None = None
    """Mean difference of its pairs on dev."""
    why: str = "not_better"
    idea: str | None = None


def kept(idea: str | None = None) -> End:
    """It is the new incumbent."""
    return End("kept", 0.1, "better", idea)


def rejected(gain: float | None, why: str = "not_better", idea: str | None = None) -> End:
    """Not sure enough, or failed elsewhere."""
    return End("rejected", gain, why, idea)


def invalid(idea: str | None = None) -> End:
    """It did not run."""
    return End("invalid", None, "invalid", idea)


def refused(idea: str | None = None) -> End:
    """It was not even run."""
    return End("refused", idea=idea)


def loophole(idea: str | None = None) -> End:
    """It was a report."""
    return End("loophole", idea=idea)


def begun() -> History:
    """A campaign before its first trial."""
    first = Begun(
        task=TASK,
        policy="tree",
        proposer="scripted",
        seed=0,
        secret_sha256="0" * 64,
        secret_is_known=False,
        isolation="process",
        device="cpu",
        baseline=BASELINE,
        software="0" * 64,
    )
    return History([first])


def add(history: History, ask: Ask, end: End) -> None:
    """One trial, as it was asked for, and its end."""
    trial = len(history.trials) + 1
    history.add(
        Proposed(
            trial=trial,
            how=ask.how,
            parent=ask.parent,
            candidate=f"c{trial}",
            by="scripted",
            title="",
            reason="",
            idea=end.idea or ask.idea,
            diff="",
            loophole="a hole" if end.outcome == "loophole" else None,
        )
    )
    if end.outcome == "refused":
        history.add(Refused(trial=trial, why="no_change", message=""))
    elif end.outcome != "loophole":
        history.add(_decided(trial, end))


def played(policy: Policy, *ends: End) -> list[Ask]:
    """What the policy asks for before each trial and after the last."""
    history = begun()
    asks: list[Ask] = []
    for end in ends:
        asks.append(policy.ask(history))
        add(history, asks[-1], end)
    return [*asks, policy.ask(history)]


def waited(*ends: End, planned_after: int | None = None) -> History:
    """A campaign with these trials, with a plan among them."""
    history = begun()
    for number, end in enumerate(ends):
        if number == planned_after:
            history.add(PlanMade(after_trial=number, ideas=()))
        add(history, Ask(history.incumbent.candidate, "improve"), end)
    if len(ends) == planned_after:
        history.add(PlanMade(after_trial=len(ends), ideas=()))
    return history


def _decided(trial: int, end: End) -> Decided:
    content = {
        "trial": trial,
        "outcome": end.outcome,
        "why": end.why,
        "message": "",
        "candidate": f"c{trial}",
        "level": 0.01,
        "dev": None if end.gain is None else _tested(end.gain),
    }
    return Decided.model_validate(content)


def _tested(mean: float) -> Test:
    return Test(
        seeds=(0, 1, 2), differences=(mean,) * 3, mean=mean, low=-1, high=1, p=0.5, level=0.01
    )
