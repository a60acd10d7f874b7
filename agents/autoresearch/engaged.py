"""An agent engaged for a campaign: its software, its model, and what it may cost."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from agents.drivers.driver import Driver
from agents.metering import Budget, Meter, Prices, Upstream, require_price
from agents.metering.provider_named import upstream_of
from harness.autoresearch.proposers.fill import Wanted
from harness.record import HarnessError

_SCRIPT = "script"
"""Stands for the model of a script that names none."""


@dataclass(frozen=True)
class Engaged:
    """What all turns of a campaign share."""

    name: str
    """As `--proposer` takes it."""
    driver: Driver
    model: str
    upstream: Upstream
    budget: Budget
    prices: Prices | None
    wanted: Wanted

    @property
    def calls(self) -> Path:
        """Where the meter keeps its ledger and the answers that were paid for."""
        return self.wanted.folder / "calls"

    def meter(self) -> Meter:
        """For one turn, so that what it refuses is of that turn. Raises `HarnessError`."""
        return Meter(self.calls, self.upstream, self.budget, self.prices, models=(self.model,))


def engage(name: str, driver: Driver, wanted: Wanted) -> Engaged:
    """Raises `HarnessError` for the first thing that is missing, before anything is paid."""
    model = wanted.model or (_SCRIPT if driver.wire is None else None)
    if model is None:
        raise HarnessError(
            f"--model: the provider's name of the model that {name} runs on; there is no default"
        )
    driver.version()
    return Engaged(
        name=name,
        driver=driver,
        model=model,
        upstream=upstream_of(driver.wire, base_url=wanted.base_url, api_key_env=wanted.api_key_env),
        budget=_budget(driver, wanted),
        prices=_prices(driver, wanted, model),
        wanted=wanted,
    )


def _budget(driver: Driver, wanted: Wanted) -> Budget:
    usd = None if wanted.budget_usd is None else Decimal(str(wanted.budget_usd))
    if usd is None and wanted.max_turns is None:
        if driver.wire is None:
            return Budget(calls=0)
        raise HarnessError(
            "--budget-usd, --max-turns: one of them is needed; nothing else ends what a "
            "campaign costs"
        )
    return Budget(usd=usd, calls=wanted.max_turns)


def _prices(driver: Driver, wanted: Wanted, model: str) -> Prices | None:
    prices = None if wanted.prices is None else Prices.load(wanted.prices)
    if wanted.budget_usd is None or driver.wire is None:
        return prices
    if prices is None:
        raise HarnessError(
            "--budget-usd: needs --prices FILE (agents/metering/prices.example.yaml), for no price "
            "is known; --max-turns alone needs none"
        )
    require_price(prices, model)
    return prices
