"""What a person asks for on the command line, before it is looked at."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from agents.drivers.driver import DriverName
from agents.replicate.campaign import Publishing
from harness.isolation import Rung


@dataclass(frozen=True)
class Asked:
    """One campaign, as it is asked for."""

    what: str
    """A paper that is here, an address, or a file."""
    model: str
    driver: DriverName
    agent_model: str | None = None
    paper: str | None = None
    name: str | None = None
    """Of the campaign's folder and of the replication; made of model and driver where `None`."""
    budget_usd: Decimal | None = None
    budget_tokens: int | None = None
    max_turns: int | None = None
    prices: Path | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    script: Path | None = None
    rung: Rung | Literal["best"] = "best"
    reviewed_by: str | None = None
    pause_after_claims: bool = False
    turn_minutes: float = 60.0
    rounds: int = 8
    max_output_tokens: int = 16_000
    publish: Publishing = field(default_factory=Publishing)
