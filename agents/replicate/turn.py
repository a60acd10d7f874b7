"""One turn of the agent: begun, run, held against what is allowed, each journalled as it happens.

A turn that the orchestrator was killed in goes on in the agent's own session.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from agents.drivers.driver import Driver, DriverName, Turn, Wire
from agents.drivers.event import Called, Ended, Event, Said, Started, Warned
from agents.drivers.recording import last_session, record
from agents.fence import Outside
from agents.replicate.desk import Desk, Tell
from agents.replicate.journal import AgentStep, TurnBegan, TurnEnded, TurnHeld
from agents.replicate.prompt import render
from agents.replicate.rules import rules_of
from agents.replicate.stop import Stop
from harness.plain_text import plain
from harness.record import read_text, write_text

_MOST_FAILURES = 2
"""Turns in a row that may end as `failed`."""
_SHOWN = 100
"""Characters of an event that a person is shown."""


def take_turn(desk: Desk, step: AgentStep, prompt: str) -> None:
    """Give the agent a prompt and hold what it changes against what the step allows.

    Raises `Stop` where that is the end of the campaign for now.
    """
    began = TurnBegan(step=step, turn=desk.journal.next_turn)
    write_text(turn_folder(desk, began.turn) / "prompt.md", prompt)
    desk.journal.append(began)
    finish_turn(desk, began)


def settle(desk: Desk) -> None:
    """Finish the turn that the orchestrator was killed in, before anything else is done.

    Until then nothing in the tree is the harness's to accept. Raises as `take_turn` does.
    """
    began = desk.journal.open_turn
    if began is not None:
        finish_turn(desk, began)


def finish_turn(desk: Desk, began: TurnBegan) -> None:
    """Do what has not been done of a turn that began."""
    number = began.turn
    ended = desk.journal.ended(number)
    if ended is None:
        done = _run(desk, began)
        ended = TurnEnded(turn=number, how=done.how, session=done.session, message=done.message)
        desk.journal.append(ended)
    undone = _hold(desk, began.step)
    desk.journal.append(TurnHeld(turn=number, undone=tuple(undone)))
    desk.tell(f"{began.step}, turn {number}: {ended.how}" + (", undone" if undone else ""))
    _stop_if_over(desk, began.step)


def turn_folder(desk: Desk, number: int) -> Path:
    """Where prompt, raw lines, events and transcript of a turn lie; a part for each try."""
    return desk.folder / "turns" / f"{number:03}"


def _stop_if_over(desk: Desk, step: AgentStep) -> None:
    if desk.meter.exhausted is not None:
        raise Stop("budget", f"{step}: {desk.meter.exhausted}")
    ends = [desk.journal.ended(turn) for turn in desk.journal.turns(step)]
    recent = [each for each in ends[-_MOST_FAILURES:] if each and each.how == "failed"]
    if len(recent) == _MOST_FAILURES:
        raise Stop("agent", f"{step}: {recent[-1].message}")


def _run(desk: Desk, began: TurnBegan) -> Ended:
    step, number = began.step, began.turn
    folder = turn_folder(desk, number)
    part = 1 + sum(1 for _ in folder.glob("part-*"))
    fingerprint = folder / "outside.json"
    before = _outside(desk, fingerprint)
    turn = Turn(
        prompt=read_text(folder / "prompt.md"),
        instructions=render("instructions", guide=_guide(desk)),
        model=desk.campaign.agent_model,
        endpoint=desk.meter.endpoint(step),
        cell=desk.cell,
        memory=desk.folder / "memory",
        deadline_seconds=60 * desk.campaign.turn_minutes,
        max_output_tokens=desk.campaign.max_output_tokens,
        session=_session(desk, began),
        number=number,
    )
    watched = _Watched(desk.driver, lambda told: desk.tell(f"{step}, turn {number}: {told}"))
    ended = record(watched, turn, folder / f"part-{part}")
    _require_untouched(desk, before, fingerprint)
    return ended


def _guide(desk: Desk) -> str:
    """As the commit has it that the campaign began with; the agent may not change it."""
    file = desk.top / "AGENTS.md"
    return read_text(file) if file.exists() else ""


def _outside(desk: Desk, file: Path) -> Outside:
    """What the turn must leave alone, as it was when the turn began, whoever was killed since."""
    if not file.exists():
        Outside.of(desk.project).dump(file)
    return Outside.load(file)


def _require_untouched(desk: Desk, before: Outside, fingerprint: Path) -> None:
    """Raises `Stop` where something outside of the working tree changed during a turn.

    Whoever runs the command again has looked at it, and is not told twice.
    """
    broken = before.broken(desk.project)
    if broken:
        fingerprint.unlink()
        raise Stop(
            "outside",
            "changed during a turn, outside of the agent's working tree: "
            f"{', '.join(broken[:10])}. Nothing was undone there: look at them, restore what you "
            "did not change yourself, and run the same command again",
        )


def _hold(desk: Desk, step: AgentStep) -> list[str]:
    """Why the turn was undone; nothing where it is accepted."""
    rules = rules_of(desk, step)
    trespasses = desk.fence.hold(rules.allowed)
    undone = [f"{each.change.path} ({each.change.kind}): {each.reason}" for each in trespasses]
    if not undone:
        undone = rules.objections(desk)
        if undone:
            desk.fence.undo()
    desk.fence.accept()
    return undone


def _session(desk: Desk, began: TurnBegan) -> str | None:
    """Of this turn's own first part, else of the step's turn before it."""
    for part in sorted(turn_folder(desk, began.turn).glob("part-*"), reverse=True):
        session = last_session(part)
        if session is not None:
            return session
    before = [turn for turn in desk.journal.turns(began.step) if turn < began.turn]
    ended = desk.journal.ended(before[-1]) if before else None
    return ended.session if ended else None


class _Watched:
    """A driver whose events are told as they come."""

    def __init__(self, driver: Driver, tell: Tell) -> None:
        self._driver, self._tell = driver, tell

    @property
    def name(self) -> DriverName:
        return self._driver.name

    @property
    def wire(self) -> Wire | None:
        return self._driver.wire

    def version(self) -> str:
        return self._driver.version()

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        for event in self._driver.run(turn, raw):
            told = _told(event)
            if told:
                self._tell(told)
            yield event


def _told(event: Event) -> str | None:
    """An event in one line, for a person."""
    match event:
        case Called(tool=tool, arguments=arguments):
            first = next(iter(arguments.values()), "")
            return f"{tool} {plain(str(first), _SHOWN)}"
        case Said(text=text):
            return plain(text, _SHOWN)
        case Warned(message=message):
            return f"warning: {plain(message, _SHOWN)}"
        case Started(model=model):
            return f"started on {model}"
        case _:
            return None
