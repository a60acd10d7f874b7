from pathlib import Path

import pytest

from harness.autoresearch.ledger.comparable import comparable
from harness.autoresearch.ledger.event import Event, Invalid, Line, Ran, Scored, Stopped
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import told_campaign


@pytest.fixture
def events(tmp_path: Path) -> list[Event]:
    stop = Stopped(why="hours", message="1.02 hours are over")
    return [*told_campaign(Store(tmp_path)).events, stop]


def lines(events: list[Event], when: str, seconds: float) -> list[Line]:
    return [
        Line(number=number, utc=when, seconds=seconds, event=event, previous=when)
        for number, event in enumerate(events)
    ]


def elsewhere(event: Event) -> Event:
    """The same on another machine, at another time."""
    match event:
        case Ran():
            return event.model_copy(update={"log": "slower here"})
        case Invalid():
            return event.model_copy(update={"log": "slower here", "message": "after 31 s"})
        case Stopped():
            return event.model_copy(update={"message": "1.07 hours are over"})
        case _:
            return event


def test_time_and_machine_make_no_difference(events: list[Event]) -> None:
    there = [elsewhere(event) for event in events]
    assert there != events
    assert comparable(lines(events, "now", 1.0)) == comparable(lines(there, "later", 2.0))


def test_scores_artefacts_causes_and_order_do(events: list[Event]) -> None:
    ours = comparable(lines(events, "now", 1.0))

    def differs(kind: type[Event], **update: object) -> bool:
        place = next(i for i, event in enumerate(events) if isinstance(event, kind))
        other = [*events]
        other[place] = events[place].model_copy(update=update)
        return comparable(lines(other, "now", 1.0)) != ours

    assert differs(Scored, metrics={"latent_f1": 0.51, "mcc": 0.25})
    assert differs(Ran, weights="0" * 64)
    assert differs(Invalid, cause="crashed")
    assert differs(Stopped, why="trials")
    assert comparable(lines([*events[:1], *events[2:]], "now", 1.0)) != ours
    assert comparable(lines([events[0], *events[2:3], events[1], *events[3:]], "", 0)) != ours
