"""How a campaign stands, in numbers: what the board shows and `status --json` prints."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from harness.autoresearch.ledger.event import Line, Outcome, StopReason
from harness.autoresearch.ledger.history import History
from harness.autoresearch.report.alpha import Alpha, alpha_of
from harness.autoresearch.report.cost import Cost, cost_of
from harness.autoresearch.report.gain import Gain, mean_of, of_test
from harness.autoresearch.report.gains import challenge, dev_gain, gate_gain, shrunken_gain
from harness.record import Record


class Incumbent(Record):
    """The candidate to beat."""

    candidate: str
    """Digest."""
    trial: int
    """0 for the baseline."""
    title: str
    seeds: int
    """Dev seeds that it was run with."""
    dev: Gain | None
    """Its metric over those."""


class Compared(Record):
    """A test's p against its level."""

    trial: int
    pairs: int
    p: float
    level: float
    """0 between looks."""


class UnderWay(Record):
    """The trial that has no end yet."""

    trial: int
    title: str
    pairs: int
    """On dev, so far."""
    looks: tuple[int, ...]
    """At so many pairs it is tested."""


class Status(Record):
    """Everything at a glance."""

    task: str
    metric: str
    policy: str
    proposer: str
    isolation: str
    unsafe: bool
    """Candidates run without isolation."""
    secret_is_known: bool
    outcomes: dict[Outcome, int]
    baseline: Gain | None
    """Of the metric, over its dev seeds."""
    incumbent: Incumbent
    dev_gain: Gain | None
    """Over the baseline; `None` where nothing was kept."""
    gate_gain: Gain | None
    shrunken_gain: float | None
    sealed_gain: Gain | None
    """`None`: not sealed yet."""
    under_way: UnderWay | None
    last_dev: Compared | None
    """The last trial that was tested on dev."""
    last_gate: Compared | None
    """The last that came to the gate."""
    cost: Cost
    trials: int
    trials_budget: int
    hours_budget: float
    """Of `cost.busy_seconds`."""
    alpha: Alpha
    since_keep: int
    """Trials since the last keep or the start."""
    plateau: int
    """As many of them bring the planning sprint."""
    stopped: StopReason | None
    stop_message: str | None
    head: str
    """SHA-256 of the ledger's last line."""


def status_of(history: History, lines: Sequence[Line], head: str) -> Status:
    """Read it off a ledger."""
    begun, sealed, stopped = history.begun, history.sealed, history.stopped
    return Status(
        task=begun.task.id,
        metric=begun.task.metric,
        policy=begun.policy,
        proposer=begun.proposer,
        isolation=begun.isolation,
        unsafe=begun.isolation == "process",
        secret_is_known=begun.secret_is_known,
        outcomes=_outcomes(history),
        baseline=mean_of(history.dev_scores(begun.baseline)),
        incumbent=_incumbent(history),
        dev_gain=dev_gain(history),
        gate_gain=gate_gain(history),
        shrunken_gain=shrunken_gain(history),
        sealed_gain=of_test(sealed.test) if sealed else None,
        under_way=_under_way(history),
        last_dev=_last(history, "dev"),
        last_gate=_last(history, "gate"),
        cost=cost_of(lines),
        trials=len(history.trials),
        trials_budget=begun.task.budget.trials,
        hours_budget=begun.task.budget.hours,
        alpha=alpha_of(history),
        since_keep=history.since_keep,
        plateau=begun.task.budget.plateau,
        stopped=stopped.why if stopped else None,
        stop_message=stopped.message if stopped else None,
        head=head,
    )


def title_of(history: History, trial: int) -> str:
    """What the trial is called that a candidate came from."""
    return history.trials[trial - 1].proposed.title if trial else "baseline"


def _outcomes(history: History) -> dict[Outcome, int]:
    found: Counter[Outcome] = Counter()
    for trial in history.trials:
        if trial.outcome is not None:
            found[trial.outcome] += 1
    return dict(found)


def _incumbent(history: History) -> Incumbent:
    reign = history.incumbent
    scores = history.dev_scores(reign.candidate)
    return Incumbent(
        candidate=reign.candidate,
        trial=reign.trial,
        title=title_of(history, reign.trial),
        seeds=len(scores),
        dev=mean_of(scores),
    )


def _under_way(history: History) -> UnderWay | None:
    trial = history.open_trial
    if trial is None:
        return None
    return UnderWay(
        trial=trial.number,
        title=trial.proposed.title,
        pairs=len(challenge(history, trial)),
        looks=history.begun.task.keep.looks,
    )


def _last(history: History, tier: Literal["dev", "gate"]) -> Compared | None:
    """The test of the last trial that was tested there."""
    found: Compared | None = None
    for trial in history.trials:
        decided = trial.decided
        test = decided and (decided.dev if tier == "dev" else decided.gate)
        if test is not None:
            found = Compared(trial=trial.number, pairs=len(test.seeds), p=test.p, level=test.level)
    return found
