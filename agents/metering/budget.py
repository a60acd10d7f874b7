"""How much may be spent, and whether one more call fits in."""

from decimal import Decimal
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from harness.record import Record


class Amount(NamedTuple):
    """What a call takes at most, or what calls have taken."""

    calls: int = 0
    tokens: int = 0
    """In and out, cached ones included."""
    usd: Decimal = Decimal(0)
    """Of calls that have a price; a budget in dollars lets no other call through."""

    def plus(self, other: "Amount") -> "Amount":
        """The sum of both."""
        return Amount(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)

    def minus(self, other: "Amount") -> "Amount":
        """What is left of this one without the other."""
        return Amount(self.calls - other.calls, self.tokens - other.tokens, self.usd - other.usd)


class Budget(Record):
    """Limits of a campaign, over all of its runs. `None` is no limit."""

    usd: Annotated[Decimal, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    """In and out, cached ones included."""
    calls: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.usd is None and self.tokens is None and self.calls is None:
            raise ValueError("give at least one of usd, tokens, calls")
        return self

    def over(self, taken: Amount, call: Amount) -> str | None:
        """Which limit one more call can go over, in words; `None` where it fits in."""
        both = taken.plus(call)
        if self.calls is not None and both.calls > self.calls:
            return f"the budget of {self.calls} calls is spent"
        if self.tokens is not None and both.tokens > self.tokens:
            return (
                f"the budget of {self.tokens} tokens leaves {max(self.tokens - taken.tokens, 0)}, "
                f"and this call can take {call.tokens}"
            )
        if self.usd is not None and both.usd > self.usd:
            return (
                f"the budget of ${self.usd} leaves ${max(self.usd - taken.usd, Decimal(0)):.4f}, "
                f"and this call can cost ${call.usd:.4f}"
            )
        return None
