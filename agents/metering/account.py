"""Reserve what a call can take at most, then settle what it took. Nothing is spent past a limit."""

import threading
import uuid
from pathlib import Path
from typing import NamedTuple

from agents.metering.budget import Amount, Budget
from agents.metering.ledger import Ledger, Refused, Reserved, Settled, Stored, read_ledger
from agents.metering.prices import Price, Prices
from agents.metering.request import Asked
from agents.metering.spent import LEDGER, Spent, Tally
from agents.metering.told import Told
from agents.metering.usage import Usage


class Refusal(NamedTuple):
    """A call may not be made."""

    why: str


class Outcome(NamedTuple):
    """How a forwarded call went."""

    status: int | None
    """Of the provider's answer; `None` where there was none."""
    told: Told
    is_free: bool
    """Whether it is certain that nothing is charged for it."""
    seconds: float


class Account:
    """A campaign's ledger, held against its budget. Of one process; any thread may ask."""

    def __init__(self, folder: Path, budget: Budget, prices: Prices | None) -> None:
        """Raises `HarnessError` where the ledger in the folder cannot be read."""
        self._ledger = Ledger(folder / LEDGER)
        self._tally = Tally(read_ledger(folder / LEDGER))
        self._budget, self._prices = budget, prices
        self._under_way: dict[str, Amount] = {}
        self._lock = threading.Lock()
        self.exhausted: str | None = None
        """Which limit refused a call first."""

    def spent(self) -> Spent:
        """The sums as they stand."""
        with self._lock:
            return self._tally.spent()

    def reserve(self, step: str, asked: Asked) -> Reserved | Refusal | None:
        """Set aside what the call can take. `None`: not now, but once calls under way are settled.

        Raises `HarnessError` where the ledger cannot be written; nothing is reserved then.
        """
        price = self._price(asked.model)
        output = asked.output_tokens
        if output is None and price is not None:
            output = price.max_output_tokens
        usd = None if price is None or output is None else price.most(asked.input_tokens, output)
        amount = Amount(1, asked.input_tokens + (output or 0), usd or Amount().usd)
        with self._lock:
            why = self._never(asked, price, output)
            if why is None:
                taken = self._tally.amount
                why = self._budget.over(taken, amount)
                if why is None:
                    return self._begin(step, asked, output, amount, is_priced=usd is not None)
                if self._budget.over(self._without_those_under_way(taken), amount) is None:
                    return None
                self.exhausted = self.exhausted or why
            self._write(Refused(step=step, model=asked.model, why=why))
        return Refusal(why)

    def settle(self, reserved: Reserved, outcome: Outcome) -> None:
        """Put what the call took in the place of what was set aside."""
        told, usage = outcome.told, outcome.told.usage
        price = self._price(told.model or "") or self._price(reserved.model)
        usd = None
        if outcome.is_free:
            usage, usd = Usage(0, 0), Amount().usd
        elif usage is not None and price is not None:
            usd = price.cost(usage)
        counts = usage or Usage(reserved.input_tokens, reserved.output_tokens or 0)
        is_assumed = usage is None or (usd is None and reserved.usd is not None)
        event = Settled(
            call=reserved.call,
            step=reserved.step,
            model=told.model or reserved.model,
            status=outcome.status,
            calls=0 if outcome.is_free else 1,
            input_tokens=counts.input_tokens,
            cached_tokens=counts.cached_tokens,
            output_tokens=counts.output_tokens,
            usd=reserved.usd if is_assumed else usd,
            assumed=is_assumed,
            seconds=round(outcome.seconds, 3),
        )
        with self._lock:
            self._write(event)
            del self._under_way[reserved.call]

    def note_stored(self, step: str, model: str) -> None:
        """A call was answered from what was paid for before."""
        with self._lock:
            self._write(Stored(step=step, model=model))

    def _never(self, asked: Asked, price: Price | None, output: int | None) -> str | None:
        """Why a call of its kind is not made under this budget, whatever is left of it."""
        if self._budget.usd is not None and price is None:
            return f"{asked.model} has no price, and the budget is in dollars: add it to --prices"
        if self._budget.usd is not None and asked.is_kept_an_hour and not _has_hours(price):
            return (
                f"a cache of an hour (ttl) has no price for {asked.model}, and the budget is in "
                "dollars: add its cache_write_1h_usd to --prices"
            )
        if self._budget.tokens is not None and output is None:
            return (
                f"nothing bounds the output of {asked.model}, and the budget is in tokens: add its "
                "max_output_tokens to --prices"
            )
        return None

    def _begin(
        self, step: str, asked: Asked, output: int | None, amount: Amount, *, is_priced: bool
    ) -> Reserved:
        event = Reserved(
            call=uuid.uuid4().hex,
            step=step,
            model=asked.model,
            input_tokens=asked.input_tokens,
            output_tokens=output,
            usd=amount.usd if is_priced else None,
        )
        self._write(event)
        self._under_way[event.call] = amount
        return event

    def _without_those_under_way(self, taken: Amount) -> Amount:
        for amount in self._under_way.values():
            taken = taken.minus(amount)
        return taken

    def _write(self, event: Reserved | Settled | Refused | Stored) -> None:
        self._ledger.append(event)
        self._tally.take(event)

    def _price(self, model: str) -> Price | None:
        return None if self._prices is None else self._prices.of(model)


def _has_hours(price: Price | None) -> bool:
    return price is not None and price.cache_write_1h_usd is not None
