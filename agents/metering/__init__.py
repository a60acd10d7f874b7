"""A server on this machine that holds the provider's key, counts tokens and money of every call of
an agent, and refuses what is over the budget."""

from agents.metering.budget import Budget
from agents.metering.meter import Meter
from agents.metering.prices import Price, Prices, require_price
from agents.metering.spent import Spent, StepSpent, read_spent
from agents.metering.upstream import Upstream

__all__ = [
    "Budget",
    "Meter",
    "Price",
    "Prices",
    "Spent",
    "StepSpent",
    "Upstream",
    "read_spent",
    "require_price",
]
