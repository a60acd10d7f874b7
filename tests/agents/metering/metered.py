"""A meter before a provider, and raw requests to it."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from agents.drivers.driver import Endpoint, Wire
from agents.metering import Budget, Meter, Price, Prices, Upstream
from agents.metering.ledger import Settled, read_ledger
from agents.metering.spent import LEDGER
from tests.agents.metering.provider import Provider, Request, Say, provider, usual

KEY = "sk-planted-key-0123456789"
PRICE = Price(
    input_usd=Decimal("3"),
    output_usd=Decimal("15"),
    cache_read_usd=Decimal("0.3"),
    cache_write_usd=Decimal("3.75"),
    max_output_tokens=1000,
)
PRICES = Prices(source="a page of the tests", read_on=date(2099, 12, 31), models={"m": PRICE})
MESSAGE_USD = Decimal("0.000201")
"""10 x 3 + 70 x 0.3 + 20 x 3.75 + 5 x 15 = 201 dollars for a million such answers."""
PLENTY = Budget(calls=1000)


@dataclass
class Metered:
    meter: Meter
    provider: Provider

    @property
    def endpoint(self) -> Endpoint:
        return self.meter.endpoint("claims")

    def post(
        self, path: str = "/v1/messages", headers: dict[str, str] | None = None, **body: Any
    ) -> requests.Response:
        """One request of the step `claims`; a text of the body makes it differ from others."""
        asked = {"model": "m", "max_tokens": 50, "messages": []} | body
        sent = {"x-api-key": self.endpoint.key} | (headers or {})
        return requests.post(self.endpoint.url + path, json=asked, headers=sent, timeout=20)


@contextmanager
def metered(
    folder: Path,
    script: Callable[[Request], Say] = usual,
    budget: Budget = PLENTY,
    prices: Prices | None = PRICES,
    *,
    wire: Wire = "anthropic",
    models: tuple[str, ...] | None = None,
    call_seconds: float = 20,
    drain_seconds: float = 10,
) -> Generator[Metered]:
    """Both running."""
    with provider(script) as said:
        upstream = Upstream(wire, said.url, KEY)
        seconds = {"call_seconds": call_seconds, "drain_seconds": drain_seconds}
        meter = Meter(folder, upstream, budget, prices, models=models, **seconds)
        with meter.serving():
            yield Metered(meter, said)


def settlements(folder: Path) -> list[Settled]:
    """Of a meter's ledger, in order."""
    return [each for each in read_ledger(folder / LEDGER) if isinstance(each, Settled)]


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
