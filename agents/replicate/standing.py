"""How campaigns stand, read from their folders; nothing is written and nobody is waited for."""

from pathlib import Path

from agents.drivers.choose import driver_for
from agents.drivers.driver import DriverName, Wire
from agents.metering import read_spent
from agents.metering.provider_named import KEYS
from agents.replicate.campaign import Campaign
from agents.replicate.journal import STEPS, StepName, Stopped, read_journal
from agents.replicate.spent_text import spent_text
from harness.problems import did_you_mean
from harness.record import HarnessError, Record


class Standing(Record):
    """One campaign."""

    campaign: str
    paper: str
    model: str
    driver: DriverName
    done: tuple[StepName, ...]
    next: StepName | None
    """`None` where it is finished."""
    turns: int
    spent: str
    stopped: str | None
    """Why, and in which words; `None` where it runs, was killed, or is finished."""


class Installed(Record):
    """One driver."""

    driver: DriverName
    version: str | None
    missing: str | None
    """Why it cannot be used; `None` where it is installed."""
    key: str | None
    """The environment variable that the harness reads its key from."""


def standings(project: Path) -> list[Standing]:
    """All campaigns of a project, by name."""
    files = sorted((project / "runs/agent").glob("*/campaign.json"))
    return [_standing(file.parent) for file in files]


def standing(project: Path, name: str) -> Standing:
    """One campaign. Raises `HarnessError` with the names there are."""
    folder = project / "runs/agent" / name
    if not (folder / "campaign.json").is_file():
        known = [each.campaign for each in standings(project)]
        raise HarnessError(f"{folder}: no such campaign{did_you_mean(name, known)}")
    return _standing(folder)


def standing_text(found: Standing) -> str:
    """A campaign in lines, for a person."""
    where = "finished" if found.next is None else f"next: {found.next}"
    done = f"done: {', '.join(found.done) or 'nothing'}; {where}"
    lines = [
        f"{found.campaign}: {found.paper} on {found.model} by {found.driver}",
        f"  {done}",
        f"  {found.turns} turns; {found.spent}",
        *([f"  stopped: {found.stopped}"] if found.stopped else []),
    ]
    return "\n".join(lines)


def installed() -> list[Installed]:
    """Every driver but the scripted one, which needs a script."""
    return [_installed(name, wire) for name, wire in _WIRES.items()]


_WIRES: dict[DriverName, Wire] = {
    "claude_code": "anthropic",
    "codex": "openai",
    "anthropic": "anthropic",
    "openai": "openai",
    "openai_compatible": "openai_compatible",
}


def _installed(name: DriverName, wire: Wire) -> Installed:
    key = KEYS.get(wire)
    try:
        version = driver_for(name, None).version()
    except HarnessError as error:
        return Installed(driver=name, version=None, missing=str(error), key=key)
    return Installed(driver=name, version=version, missing=None, key=key)


def _standing(folder: Path) -> Standing:
    campaign = Campaign.load(folder / "campaign.json")
    journal = read_journal(folder / "journal.jsonl")
    done = journal.done
    last = journal.entries[-1] if journal.entries else None
    return Standing(
        campaign=folder.name,
        paper=campaign.paper,
        model=campaign.model,
        driver=campaign.driver,
        done=done,
        next=next((step for step in STEPS if step not in done), None),
        turns=journal.next_turn - 1,
        spent=spent_text(read_spent(folder / "calls")),
        stopped=f"{last.why}: {last.message}" if isinstance(last, Stopped) else None,
    )
