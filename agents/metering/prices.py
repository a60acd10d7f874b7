"""What a model's tokens cost, as the user has read it at the provider's."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PositiveInt

from agents.metering.usage import Usage
from harness.record import HarnessError, Record

Usd = Annotated[Decimal, Field(ge=0)]
"""US dollars."""

_MILLION = 1_000_000
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}", re.ASCII)


class Price(Record):
    """US dollars for a million tokens of one model. `None` is not known, and not zero."""

    input_usd: Usd
    output_usd: Usd
    cache_read_usd: Usd | None = None
    cache_write_usd: Usd | None = None
    """Of the provider's usual cache, which is kept for minutes."""
    cache_write_1h_usd: Usd | None = None
    """Of a cache that is kept for an hour, where the provider has both."""
    max_output_tokens: PositiveInt
    """The most that one answer can have."""

    def cost(self, usage: Usage) -> Decimal | None:
        """US dollars; `None` where some of the tokens have no known price."""
        parts = (
            (usage.uncached_tokens, self.input_usd),
            (usage.cached_tokens, self.cache_read_usd),
            (usage.cache_write_tokens, self.cache_write_usd),
            (usage.cache_write_1h_tokens, self.cache_write_1h_usd),
            (usage.output_tokens, self.output_usd),
        )
        total = Decimal(0)
        for tokens, usd in parts:
            if tokens and usd is None:
                return None
            total += tokens * (usd or 0)
        return total / _MILLION

    def most(self, input_tokens: int, output_tokens: int) -> Decimal:
        """US dollars that so many tokens can cost at most, however the cache is used."""
        known = (
            self.input_usd,
            self.cache_read_usd,
            self.cache_write_usd,
            self.cache_write_1h_usd,
        )
        dearest = max(usd for usd in known if usd is not None)
        return (input_tokens * dearest + output_tokens * self.output_usd) / _MILLION


class Prices(Record):
    """A price list: a YAML file of the user's, like prices.example.yaml."""

    source: Annotated[str, Field(min_length=1)]
    """Where the prices were read."""
    read_on: date
    models: dict[str, Price]
    """By the name that the provider gives a model."""

    def of(self, model: str) -> Price | None:
        """The price of a model, or of the name that it is a dated version of."""
        if model in self.models:
            return self.models[model]
        named = [name for name in self.models if is_version(model, name)]
        return self.models[named[0]] if named else None


def require_price(prices: Prices, model: str) -> None:
    """Raises `HarnessError` where a model has no price, naming the key to add."""
    if prices.of(model) is None:
        known = ", ".join(sorted(prices.models)) or "none"
        raise HarnessError(
            f"--prices: models.{model}: no price; the list ({prices.source}, {prices.read_on}) "
            f"has {known}"
        )


def is_version(model: str, name: str) -> bool:
    """Whether a model is the one of that name, or a dated version of it."""
    is_dated = model.startswith(name) and _DATE.fullmatch(model, len(name)) is not None
    return model == name or is_dated
