"""The loop of a campaign, and when it ends. The same call goes on with one that was killed."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.ledger.event import (
    Checked,
    Invalid,
    PlanMade,
    Ran,
    Run,
    Scored,
    Stopped,
)
from harness.autoresearch.ledger.index import write_index
from harness.autoresearch.machine.desk import Desk, MakeWork, Tell
from harness.autoresearch.machine.judging import judge
from harness.autoresearch.machine.measuring import Measuring, measure
from harness.autoresearch.machine.proposing import admit, propose
from harness.autoresearch.machine.tape import Tape
from harness.autoresearch.policies.plateau import state
from harness.autoresearch.proposers.proposer import Exhausted, Proposer
from harness.autoresearch.scorer.bench import Bench, open_bench
from harness.autoresearch.task import Task
from harness.experiments.context import Progress
from harness.record import HarnessError

_HOUR = 3600.0
_BETWEEN = (PlanMade, Stopped, Checked, Ran, Scored, Invalid)


class _Limits(NamedTuple):
    """When this call ends, within the task's budget; `None`: with that."""

    trials: int | None
    hours: float | None
    began_with: int
    """Trials there were."""


def run_campaign(
    campaign: Campaign,
    proposer: Proposer,
    *,
    tell: Tell,
    progress: Progress,
    trials: int | None = None,
    hours: float | None = None,
    work: MakeWork = Measuring,
) -> Stopped:
    """Trial after trial until the budget, a plateau or the proposer ends it; why it ended.

    `trials` and `hours` end this call, within the task's own budget; `work` is how runs are made.

    Raises `HarnessError` for what a person can mend, such as a starting recipe that breaks its
    contract; the same call goes on afterwards.
    """
    campaign.require_same_software()
    with campaign.only_writer(), at_desk(campaign, tell, progress, work=work) as desk:
        _refuse_sealed(desk)
        began_with = len(campaign.history.trials)
        while True:
            catch_up(desk)
            warm_up(desk)
            stop = (
                _ended(desk, _Limits(trials, hours, began_with))
                if desk.tape.ahead is None
                else None
            )
            if stop is None:
                exhausted = one_trial(desk, proposer)
                if exhausted is not None:
                    stop = Stopped(why=exhausted.why, message=exhausted.message)
            if stop is not None:
                return _stopped(desk, stop)


@contextmanager
def at_desk(
    campaign: Campaign,
    tell: Tell,
    progress: Progress,
    *,
    live: bool = True,
    work: MakeWork = Measuring,
) -> Generator[Desk]:
    """A desk with the campaign's tape at its beginning."""
    yield Desk(
        campaign=campaign,
        tape=Tape(campaign.ledger, live=live),
        bench=bench_of(campaign, progress),
        work=work,
        tell=tell,
        progress=progress,
        began=time.monotonic(),
    )


def bench_of(campaign: Campaign, progress: Progress) -> Callable[[Task], Bench]:
    """Opens the measuring side of each task once, when it is first asked for."""

    found: dict[str, Bench] = {}

    def opened(task: Task) -> Bench:
        if task.id not in found:
            folder = campaign.folder / "truth" / task.id
            device = campaign.begun.device
            own = task.id == campaign.task.id
            secret = campaign.secret if own else campaign.secret.of_task(task.id)
            found[task.id] = open_bench(task, secret, folder, device, progress)
        return found[task.id]

    return opened


def catch_up(desk: Desk) -> None:
    """Take from the record what lies between two trials."""
    while isinstance(desk.tape.ahead, _BETWEEN):
        desk.tape.take(*_BETWEEN)


def warm_up(desk: Desk) -> None:
    """Know the baseline's score, which everything is compared with.

    Raises `HarnessError` where the starting recipe breaks its contract.
    """
    baseline = desk.history.reigns[0]
    for place in range(desk.task.keep.looks[0]):
        run = Run(candidate=baseline.candidate, tier="dev", seed=baseline.dev_seed(place))
        found = measure(desk, run, 0)
        if isinstance(found, Invalid):
            raise HarnessError(
                f"recipe {desk.task.start!r} breaks the contract of {desk.task.id}: "
                f"{found.cause}: {found.message}"
            )


def one_trial(desk: Desk, proposer: Proposer) -> Exhausted | None:
    """The next trial from its proposal to its end."""
    exhausted = propose(desk, proposer)
    if exhausted is not None:
        return exhausted
    trial = desk.history.trials[-1]
    if trial.outcome is None:
        admit(desk, trial)
    if trial.outcome is None:
        desk.tape.put(judge(desk, trial))
    if desk.tape.ahead is None:
        campaign = desk.campaign
        write_index(campaign.history, campaign.ledger.lines, campaign.folder / "index.sqlite")
    desk.say(f"trial {trial.number}: {trial.outcome}")
    return None


def sealing_began(desk: Desk) -> bool:
    """Whether a sealed score has been had."""
    runs = (*desk.campaign.history.scores, *desk.campaign.history.invalid)
    return any(run.tier == "sealed" and run.on is None for run in runs)


def _refuse_sealed(desk: Desk) -> None:
    if sealing_began(desk):
        raise HarnessError(
            f"{desk.campaign.folder}: sealed; what is searched for behind a sealed score is chosen "
            "by it, so begin a new campaign"
        )


def _ended(desk: Desk, limits: _Limits) -> Stopped | None:
    """Why no trial follows on those that are recorded, as far as budget and plateau go."""
    if desk.tape.ahead is not None:
        return None
    budget, trials = desk.task.budget, len(desk.history.trials)
    if trials >= budget.trials:
        return Stopped(why="trials", message=f"{trials} trials, as many as the task allows")
    if limits.trials is not None and trials - limits.began_with >= limits.trials:
        return Stopped(why="trials", message=f"{limits.trials} trials, as asked for")
    spent = sum(line.seconds for line in desk.campaign.ledger.lines)
    if spent >= budget.hours * _HOUR:
        return Stopped(why="hours", message=f"{spent / _HOUR:.1f} hours, the task's budget")
    here = time.monotonic() - desk.began
    if limits.hours is not None and here >= limits.hours * _HOUR:
        return Stopped(why="hours", message=f"{limits.hours:g} hours, as asked for")
    if state(desk.history) == "stop":
        message = f"nothing kept for {desk.history.since_keep} trials, with a plan among them"
        return Stopped(why="plateau", message=message)
    return None


def _stopped(desk: Desk, stop: Stopped) -> Stopped:
    """Recorded, unless the record ends so already."""
    last = desk.history.events[-1]
    if not (isinstance(last, Stopped) and last.why == stop.why):
        desk.tape.put(stop)
    desk.say(f"stopped: {stop.message}")
    return stop
