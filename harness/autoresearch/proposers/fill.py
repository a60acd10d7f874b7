"""The proposer that a name stands for: two of our own, and those that other packages bring.

A package brings proposers by the entry point `harness.proposers`: a name and a function from
`Wanted` to a `Proposer`. `harness` knows none of those packages.
"""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pydantic import PositiveFloat, PositiveInt

from harness.autoresearch.proposers.proposer import Proposer
from harness.isolation import Rung
from harness.problems import did_you_mean
from harness.record import HarnessError, Record

GROUP = "harness.proposers"
OWN = ("optuna", "scripted")


class Wanted(Record):
    """What a proposer is made of; each takes what it needs and refuses what it cannot follow."""

    folder: Path
    """The campaign's."""
    rung: Rung
    """Where an agent's commands run."""
    script: Path | None = None
    """That `scripted` and `agent_script` follow."""
    model: str | None = None
    """The provider's name of the model that an agent runs on."""
    prices: Path | None = None
    """Dollars a token, by model."""
    budget_usd: PositiveFloat | None = None
    """The most that the whole campaign may cost."""
    max_turns: PositiveInt | None = None
    """The most answers of the model, over the whole campaign."""
    turn_minutes: PositiveFloat = 30.0
    """Wall clock of one trial's editing."""
    base_url: str | None = None
    """Of `openai_compatible`."""
    api_key_env: str | None = None
    """Variable with the key, where it is not the provider's usual one."""


def proposer_names() -> list[str]:
    """What `--proposer` takes here."""
    return sorted({*OWN, *_brought()})


def proposer_for(name: str, wanted: Wanted) -> Proposer:
    """Raises `HarnessError` for an unknown name, and for what is missing or not wanted."""
    match name:
        case "optuna":
            from harness.autoresearch.proposers.optuna_search import OptunaSearch

            if wanted.script is not None:
                raise HarnessError("--script: the proposer optuna follows none")
            return OptunaSearch()
        case "scripted":
            from harness.autoresearch.proposers.scripted import scripted

            if wanted.script is None:
                raise HarnessError("--script: the proposer scripted needs a file to follow")
            return scripted(wanted.script)
        case _:
            pass
    brought = _brought()
    if name not in brought:
        raise HarnessError(f"proposer {name!r} is unknown{did_you_mean(name, proposer_names())}")
    make = brought[name].load()
    return make(wanted)


def _brought() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}
