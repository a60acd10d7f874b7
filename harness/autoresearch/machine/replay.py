"""Whether a campaign is what it says: its record whole, its decisions those that follow from its
scores, and its scores those that the same runs give again."""

import math
import time
from collections.abc import Iterator

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.keep.paired import paired_test
from harness.autoresearch.ledger.event import Checked, Invalid, Run
from harness.autoresearch.ledger.history import History
from harness.autoresearch.ledger.verify import verify
from harness.autoresearch.machine.checks import derive
from harness.autoresearch.machine.desk import Desk, MakeWork, untold
from harness.autoresearch.machine.measuring import Measuring
from harness.autoresearch.machine.run import at_desk
from harness.autoresearch.machine.tape import Diverged, EndOfTape
from harness.experiments.context import Progress
from harness.record import HarnessError

_SAME = 1e-9
"""Relative. On one machine a processor gives the very same; others may differ in the last bits."""


def replay(
    campaign: Campaign, *, rerun: int, progress: Progress, work: MakeWork = Measuring
) -> list[str]:
    """What is wrong, in words; empty where nothing is. `rerun` trainings are done again."""
    problems = verify(campaign.folder / "ledger.jsonl", campaign.store)
    with at_desk(campaign, untold, progress, live=False) as desk:
        problems.extend(_derivation(desk))
    problems.extend(_checks(campaign.history))
    if rerun and not problems:
        campaign.require_same_software()
        problems.extend(_reruns(campaign, rerun, progress, work))
    return problems


def _derivation(desk: Desk) -> Iterator[str]:
    try:
        derive(desk)
    except EndOfTape:
        return
    except Diverged as error:
        yield str(error)


def _checks(history: History) -> Iterator[str]:
    """Whether tests of winner against baseline follow from the recorded scores."""
    for each in history.checked:
        if not _follows(each, history):
            yield f"{each.what}: its test does not follow from the recorded scores"


def _follows(checked: Checked, history: History) -> bool:
    tier = "gate" if checked.what == "confirm" else "sealed"
    on = checked.task if checked.what == "transfer" else None
    for digest, by_metric in (
        (checked.candidate, checked.metrics),
        (checked.baseline, checked.baseline_metrics),
    ):
        for place, seed in enumerate(checked.test.seeds):
            run = Run(candidate=digest, tier=tier, seed=seed, on=on)
            if history.scores.get(run) != {name: each[place] for name, each in by_metric.items()}:
                return False
    return _test_follows(checked, history.begun.task.metric)


def _test_follows(checked: Checked, metric: str) -> bool:
    if metric not in checked.metrics:
        return checked.what == "transfer"
    ours, theirs = checked.metrics[metric], checked.baseline_metrics[metric]
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    test = paired_test(checked.test.seeds, differences, level=checked.test.level)
    return all(
        math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)
        for one, other in (
            (test.mean, checked.test.mean),
            (test.low, checked.test.low),
            (test.high, checked.test.high),
            (test.p, checked.test.p),
        )
    )


def _reruns(campaign: Campaign, wanted: int, progress: Progress, work: MakeWork) -> Iterator[str]:
    runs = [run for run in campaign.history.scores if run.on is None]
    step = max(len(runs) // wanted, 1)
    with (
        campaign.only_writer(),
        at_desk(campaign, untold, progress, work=work) as desk,
    ):
        _fill(desk)
        for run in runs[::step][:wanted]:
            yield from _again(desk, run)


def _fill(desk: Desk) -> None:
    """Fill a desk's history from the record as it stands."""
    for event in desk.campaign.history.events[1:]:
        desk.history.add(event)


def _again(desk: Desk, run: Run) -> Iterator[str]:
    began = time.monotonic()
    working = desk.work(desk, run, 0, desk.task)
    name = f"{run.tier} seed {run.seed} of {run.candidate[:12]}"
    try:
        trained = working.trained()
        scored = trained if isinstance(trained, Invalid) else working.scored()
    except HarnessError as error:
        yield f"{name}: cannot be run again: {error}"
        return
    if isinstance(scored, Invalid):
        yield f"{name}: has a score, and none when run again: {scored.message}"
        return
    assert not isinstance(trained, Invalid), trained
    if trained.weights != desk.history.weights[run]:
        yield f"{name}: other weights when trained again ({time.monotonic() - began:.0f} s)"
    for metric, value in desk.history.scores[run].items():
        if not math.isclose(value, scored.metrics[metric], rel_tol=_SAME, abs_tol=_SAME):
            yield f"{name}: {metric} was {value}, and is {scored.metrics[metric]} again"
