"""What the agent may change in each of its steps, and why a turn is undone all the same.

Found from the campaign's files alone, so that a turn that the orchestrator was killed in is held by
the same rules before anything else is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from agents.fence import Allowed
from agents.replicate.desk import Desk
from agents.replicate.journal import AgentStep
from agents.replicate.reported import Reported
from harness.record import HarnessError


@dataclass(frozen=True)
class Rules:
    """Of one step."""

    allowed: Allowed
    objections: Callable[[Desk], list[str]]
    """Why a turn that lies inside of what is allowed is undone."""


def rules_of(desk: Desk, step: AgentStep) -> Rules:
    """Claims are written before anything else; from then on the paper's spec is frozen."""
    spec = Allowed(paths=(desk.spec_file,))
    match step:
        case "claims":
            paths = (desk.campaign.paper_file, desk.spec_file)
            return Rules(Allowed(paths=paths), _none)
        case "specs":
            return Rules(spec, _none)
        case "run":
            return Rules(spec, _measured_experiments)
        case "reading":
            return Rules(spec, _judged_claims)
        case _:
            assert_never(step)


def _none(_: Desk) -> list[str]:
    return []


def _measured_experiments(desk: Desk) -> list[str]:
    """Experiments whose rows stand are fixed: the agent may have seen them."""
    try:
        spec = desk.replication().spec
    except HarnessError as error:
        return desk.told(error)
    now = {f"{each.id}.{each.digest[:8]}" for each in spec.experiments}
    rows = [path.removeprefix("measurements/") for path in _sealed(desk)]
    names = sorted(name.removesuffix(".jsonl") for name in rows if name.endswith(".jsonl"))
    return [
        f"{desk.spec_file}: experiments: {name.rpartition('.')[0]} has run, and is fixed since"
        for name in names
        if name not in now
    ]


def _sealed(desk: Desk) -> list[str]:
    sealed = desk.sealed()
    return [path for path in sealed.files if path.startswith("measurements/")] if sealed else []


def _judged_claims(desk: Desk) -> list[str]:
    """Neither experiments nor verdicts move once verdicts are known."""
    reported = Reported.load(desk.reported_file)
    try:
        replication = desk.replication()
        now = Reported.of(replication)
    except HarnessError as error:
        return desk.told(error)
    if now.experiments != reported.experiments:
        where = f"{desk.spec_file}: experiments"
        return [f"{where}: fixed since their verdicts are known; only words may change"]
    known = reported.outcomes
    return [
        f"{desk.spec_file}: the verdict on {claim} is known as {known[claim]}, and this makes it "
        f"{outcome}; say what you found in your last message instead"
        for claim, outcome in now.outcomes.items()
        if outcome != known[claim]
    ]
