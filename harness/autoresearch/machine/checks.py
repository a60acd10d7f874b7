"""Baseline against winner on pairs that nothing was chosen by: more of the gate's, the sealed ones,
another task's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.keep.paired import paired_test
from harness.autoresearch.ledger.event import Checked
from harness.autoresearch.machine.desk import Desk, MakeWork, untold
from harness.autoresearch.machine.measuring import Measuring, Metrics
from harness.autoresearch.machine.pairs import CandidateInvalid, Pairs, name_of
from harness.autoresearch.machine.run import at_desk, catch_up, one_trial
from harness.autoresearch.proposers.proposer import Brief, Exhausted
from harness.autoresearch.task import Task
from harness.experiments.context import Progress
from harness.record import HarnessError

What = Literal["confirm", "seal", "transfer"]
_LEVEL = 0.05
_FIRST_CONFIRMING = 10_000_000
"""Above the seeds of every trial's gate."""
_BLOCK = 1_000


def confirm(
    campaign: Campaign, *, pairs: int, progress: Progress, work: MakeWork = Measuring
) -> Checked:
    """Fresh pairs on the gate's world, incumbent against baseline. Raises `HarnessError`."""
    return _Check(campaign, "confirm", pairs, progress, work).had()


def seal(
    campaign: Campaign, *, pairs: int, progress: Progress, work: MakeWork = Measuring
) -> Checked:
    """The sealed score; had once, and what was had is given again. The campaign is over then.

    Raises `HarnessError` for a trial under way, and where nothing was kept.
    """
    had = campaign.history.sealed
    if had is not None:
        return had
    return _Check(campaign, "seal", pairs, progress, work).had()


def transfer(
    campaign: Campaign,
    task: Task,
    *,
    pairs: int,
    progress: Progress,
    work: MakeWork = Measuring,
) -> Checked:
    """Baseline and winner under another task's contract, on its sealed world."""
    if task.id == campaign.task.id:
        raise HarnessError(f"task {task.id}: the campaign's own; that is `seal`")
    return _Check(campaign, "transfer", pairs, progress, work, task).had()


@dataclass(frozen=True)
class _Check:
    campaign: Campaign
    what: What
    pairs: int
    progress: Progress
    work: MakeWork
    task: Task | None = None

    def had(self) -> Checked:
        """Run what is not recorded yet, test, record."""
        if self.pairs < 2:
            raise HarnessError(f"--pairs: {self.pairs}; an interval takes two or more")
        self.campaign.require_same_software()
        with (
            self.campaign.only_writer(),
            at_desk(self.campaign, untold, self.progress, work=self.work) as desk,
        ):
            _require_between_trials(desk)
            derive(desk)
            seen = self._seen(desk)
            try:
                seen.extend(self.pairs)
            except CandidateInvalid as error:
                raise HarnessError(f"{self.what}: the winner has no score: {error}") from error
            checked = checked_of(desk, self.what, seen)
            desk.tape.put(checked)
            return checked

    def _seen(self, desk: Desk) -> Pairs:
        return Pairs(
            desk,
            desk.history.incumbent.trial,
            _winner(desk),
            desk.history.begun.baseline,
            "gate" if self.what == "confirm" else "sealed",
            _first_seed(desk, self.what),
            self.task,
        )


def derive(desk: Desk) -> None:
    """Take all that is recorded, each decision derived again and held against the record."""
    catch_up(desk)
    while desk.tape.ahead is not None:
        one_trial(desk, _Silent())
        catch_up(desk)


def _require_between_trials(desk: Desk) -> None:
    open_trial = desk.campaign.history.open_trial
    if open_trial is not None:
        raise HarnessError(
            f"{desk.campaign.folder}: trial {open_trial.number} is under way; "
            "`harness autoresearch run` ends it"
        )


def checked_of(desk: Desk, what: What, seen: Pairs) -> Checked:
    """The event that pairs make."""
    return Checked(
        what=what,
        task=name_of(seen.task) if seen.task else desk.task.id,
        candidate=seen.candidate,
        baseline=seen.incumbent,
        test=paired_test(seen.seeds, seen.differences, level=_LEVEL),
        metrics=_by_metric(seen.ours),
        baseline_metrics=_by_metric(seen.theirs),
    )


def _winner(desk: Desk) -> str:
    incumbent = desk.history.incumbent
    if incumbent.trial == 0:
        raise HarnessError(f"{desk.campaign.folder}: nothing was kept: there is no winner yet")
    return incumbent.candidate


def _first_seed(desk: Desk, what: What) -> int:
    if what != "confirm":
        return 0
    earlier = sum(each.what == "confirm" for each in desk.history.checked)
    return _FIRST_CONFIRMING + _BLOCK * earlier


def _by_metric(scores: list[Metrics]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(each[name] for each in scores) for name in scores[0]}


class _Silent:
    """Stands where a proposer does while a record is derived that holds every proposal."""

    name = "none"

    def propose(self, brief: Brief, folder: Path) -> Exhausted:
        raise AssertionError((brief.trial, folder))

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        raise AssertionError((brief.trial, folder))
