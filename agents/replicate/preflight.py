"""What is looked at before anything is written or paid for; all that is wrong is told at once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from agents.drivers.choose import driver_for
from agents.drivers.driver import Driver
from agents.metering import Budget, Prices, Upstream, require_price
from agents.metering.provider_named import upstream_of
from agents.replicate.asked import Asked
from agents.replicate.paper_named import Named, paper_named
from harness.isolation import Rung, choose
from harness.models.registry import availability, resolve
from harness.publish.checkout import Checkout
from harness.publish.refuse import refuse_dirty, refuse_nameless
from harness.record import HarnessError
from harness.specs.worlds import WORLDS

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

_SCRIPT = "script"
"""Stands for the agent's model where none is asked."""


@dataclass(frozen=True)
class Looked:
    """What a campaign needs, found to be there."""

    named: Named
    model: str
    """Of the replication, as replication.yaml names it."""
    driver: Driver
    agent_model: str
    rung: Rung
    paid: "Paid"


class Paid(NamedTuple):
    """Who is paid, and how much at most."""

    upstream: Upstream
    budget: Budget
    prices: Prices | None


class _Problems(list[str]):
    """Errors that are told together."""

    def got(
        self,
        action: Callable[Parameters, Value],
        *arguments: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Value | None:
        """What the action gives; `None` where it fails, and why is noted."""
        try:
            return action(*arguments, **named)
        except HarnessError as error:
            self.extend(str(error).splitlines())
            return None


def look(project: Path, asked: Asked, checkout: Checkout) -> Looked:
    """Raises `HarnessError` with everything that is missing, one a line."""
    problems = _Problems()
    named = problems.got(paper_named, project, asked.what, asked.paper)
    model = problems.got(_model, asked.model)
    rung = problems.got(choose, asked.rung)
    agent_model = problems.got(_agent_model, asked)
    driver = problems.got(driver_for, asked.driver, asked.script)
    paid = None
    if driver is not None:
        problems.got(driver.version)
        paid = problems.got(_paid, asked, driver)
    problems.got(refuse_dirty, checkout)
    problems.got(refuse_nameless, checkout)
    if problems:
        raise HarnessError("\n".join(problems))
    assert named and model and rung and agent_model and driver and paid
    return Looked(named, model, driver, agent_model, rung, paid)


def _model(ref: str) -> str:
    """A model or world that can be had."""
    if ref in WORLDS:
        return ref
    missing = availability(ref)
    if missing:
        raise HarnessError(f"--model: {missing}")
    return resolve(ref).id


def _agent_model(asked: Asked) -> str:
    if asked.driver == "scripted":
        return asked.agent_model or _SCRIPT
    if not asked.agent_model:
        raise HarnessError(
            f"--agent-model: the provider's name of the model that {asked.driver} "
            "runs on; there is no default"
        )
    return asked.agent_model


def _paid(asked: Asked, driver: Driver) -> Paid:
    """A budget in dollars needs a price, and one in tokens the most that an answer can have."""
    upstream = upstream_of(driver.wire, base_url=asked.base_url, api_key_env=asked.api_key_env)
    budget = Budget(usd=asked.budget_usd, tokens=asked.budget_tokens, calls=asked.max_turns)
    prices = None if asked.prices is None else Prices.load(asked.prices)
    needing = _needs_prices(asked, driver)
    if needing is not None:
        if prices is None:
            raise HarnessError(
                f"{needing}: needs --prices FILE (agents/metering/prices.example.yaml), for no "
                "price is known; --max-turns alone needs none"
            )
        require_price(prices, _agent_model(asked))
    return Paid(upstream, budget, prices)


def _needs_prices(asked: Asked, driver: Driver) -> str | None:
    """The option that does; Codex names no bound for its answers, and a price list does."""
    if driver.wire is None:
        return None
    if asked.budget_usd is not None:
        return "--budget-usd"
    unbounded = driver.name == "codex" and asked.budget_tokens is not None
    return "--budget-tokens with codex" if unbounded else None
