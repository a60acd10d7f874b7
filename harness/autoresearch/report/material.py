"""What the report is made from: the ledger, and from the store the two recipes that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.ledger.event import Begun, Invalid, Line, Ran
from harness.autoresearch.ledger.history import History, Trial
from harness.autoresearch.task import Task

if TYPE_CHECKING:
    from harness.autoresearch.campaign import Campaign


@dataclass(frozen=True)
class Material:
    """One campaign as it stands."""

    history: History
    lines: Sequence[Line]
    head: str
    """SHA-256 of the ledger's last line."""
    name: str
    """Of the campaign's folder."""
    start: Candidate
    winner: Candidate

    @classmethod
    def of(cls, campaign: "Campaign") -> Self:
        """Raises `HarnessError` where the store lacks a recipe or holds an altered one."""
        history = campaign.ledger.history
        return cls(
            history=history,
            lines=campaign.ledger.lines,
            head=campaign.ledger.head,
            name=campaign.folder.resolve().name,
            start=campaign.store.candidate(history.begun.baseline),
            winner=campaign.store.candidate(history.incumbent.candidate),
        )

    @property
    def begun(self) -> Begun:
        """What it was set up with."""
        return self.history.begun

    @property
    def task(self) -> Task:
        """What it tries to improve."""
        return self.begun.task

    @property
    def logs(self) -> dict[int, str]:
        """By trial, the end of what its own candidate printed last."""
        own = {each.number: _candidates(each) for each in self.history.trials}
        return {
            event.trial: event.log
            for event in self.history.events
            if isinstance(event, Ran | Invalid)
            and event.trial in own
            and event.run.candidate in own[event.trial]
        }


def _candidates(trial: Trial) -> set[str]:
    return {trial.proposed.candidate, trial.reduced or trial.proposed.candidate}
