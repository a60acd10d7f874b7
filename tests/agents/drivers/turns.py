"""Turns in folders of a test's own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from agents.drivers.driver import Driver, Endpoint, Turn
from agents.drivers.event import Ended, Event
from harness.isolation import Cell

KEY = "key-of-the-meter-0123456789"
Kind = TypeVar("Kind")


def turn_at(url: str, root: Path, *, prompt: str = "Do it.", **fields: Any) -> Turn:
    """A turn in the weakest cell, which every machine has, with folders below `root`."""
    folder, home = root / "tree", root / "home"
    folder.mkdir(exist_ok=True)
    turn = Turn(
        prompt=prompt,
        instructions="You replicate papers.",
        model="a-model",
        endpoint=Endpoint(url, KEY),
        cell=Cell(rung="process", folder=folder, home=home),
        memory=root / "memory",
        deadline_seconds=30.0,
        max_output_tokens=1000,
    )
    return replace(turn, **fields)


def events_of(
    driver: Driver, turn: Turn, raw: Callable[[str], None] = lambda _: None
) -> list[Event]:
    return list(driver.run(turn, raw))


def ended(events: list[Event]) -> Ended:
    """The last event, which alone is an end."""
    assert [event for event in events if isinstance(event, Ended)] == events[-1:], events
    last = events[-1]
    assert isinstance(last, Ended)
    return last


def only(events: list[Event], kind: type[Kind]) -> Iterator[Kind]:
    return (event for event in events if isinstance(event, kind))
