"""What a campaign has spent, folded from the events of its ledger."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from agents.metering.budget import Amount
from agents.metering.ledger import Event, Refused, Reserved, Settled, Stored, read_ledger
from harness.record import Record

LEDGER = "calls.jsonl"


class StepSpent(Record):
    """Calls and what they took, those under way and those of killed processes at the most that
    they can have taken."""

    calls: int = 0
    """Paid ones; what the provider refused is none."""
    stored: int = 0
    """Answered from what was paid for before."""
    refused: int = 0
    assumed: int = 0
    """Of the calls, those that count at their bound, for nobody told what they took. Output that
    nothing bounded is not in the sums."""
    unverified: int = 0
    """Of the calls, those without a known price."""
    input_tokens: int = 0
    """Cached ones included."""
    cached_tokens: int = 0
    output_tokens: int = 0
    usd_known: Decimal = Decimal(0)
    """Of the calls that have a price."""
    usd: Decimal | None = Decimal(0)
    """Of all calls; `None` where some are unverified."""


class Spent(StepSpent):
    """A whole campaign over all of its runs."""

    by_step: dict[str, StepSpent]


class Tally:
    """Sums over events, kept up to date as they come."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._steps: dict[str, StepSpent] = {}
        self._open: dict[str, Reserved] = {}
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """Count one event. A settlement takes the place of its reservation."""
        match event:
            case Reserved():
                self._open[event.call] = event
                self._add(event.step, _bound(event))
            case Settled():
                self._add(event.step, _less(_taken(event), _bound(self._open.pop(event.call))))
            case Refused():
                self._add(event.step, StepSpent(refused=1))
            case Stored():
                self._add(event.step, StepSpent(stored=1))

    def spent(self) -> Spent:
        """The sums as they stand."""
        total = StepSpent()
        for each in self._steps.values():
            total = _sum(total, each)
        return Spent(**dict(total), by_step=dict(self._steps))

    @property
    def amount(self) -> Amount:
        """What counts against the budget."""
        steps = self._steps.values()
        return Amount(
            sum(each.calls for each in steps),
            sum(each.input_tokens + each.output_tokens for each in steps),
            sum((each.usd_known for each in steps), Decimal(0)),
        )

    def _add(self, step: str, more: StepSpent) -> None:
        self._steps[step] = _sum(self._steps.get(step, StepSpent()), more)


def read_spent(folder: Path) -> Spent:
    """What the ledger in a meter's folder tells; changes nothing. Raises `HarnessError`."""
    return Tally(read_ledger(folder / LEDGER)).spent()


def _bound(event: Reserved) -> StepSpent:
    return StepSpent(
        calls=1,
        assumed=1,
        unverified=event.usd is None,
        input_tokens=event.input_tokens,
        output_tokens=event.output_tokens or 0,
        usd_known=event.usd or Decimal(0),
    )


def _taken(event: Settled) -> StepSpent:
    return StepSpent(
        calls=event.calls,
        assumed=event.assumed,
        unverified=event.usd is None,
        input_tokens=event.input_tokens,
        cached_tokens=event.cached_tokens,
        output_tokens=event.output_tokens,
        usd_known=event.usd or Decimal(0),
    )


def _sum(one: StepSpent, other: StepSpent, sign: int = 1) -> StepSpent:
    names = [name for name in StepSpent.model_fields if name != "usd"]
    added = {name: getattr(one, name) + sign * getattr(other, name) for name in names}
    return StepSpent(**added, usd=None if added["unverified"] else added["usd_known"])


def _less(one: StepSpent, other: StepSpent) -> StepSpent:
    return _sum(one, other, -1)
