"""What two ledgers of the same campaign have in common, whenever and wherever they were written."""

from collections.abc import Iterable

from pydantic import JsonValue

from harness.autoresearch.ledger.event import Event, Invalid, Line, Ran, Stopped


def comparable(lines: Iterable[Line]) -> list[dict[str, JsonValue]]:
    """The events in their order, without what time and machine put there.

    Left out are the lines' times, seconds and hashes; what trainings printed; the message of an
    invalid run, which can tell seconds or a place; and that of a stop, which can tell hours.
    """
    return [_event(line.event) for line in lines]


def _event(event: Event) -> dict[str, JsonValue]:
    match event:
        case Ran():
            return event.model_dump(mode="json", exclude={"log"})
        case Invalid():
            return event.model_dump(mode="json", exclude={"log", "message"})
        case Stopped():
            return event.model_dump(mode="json", exclude={"message"})
        case _:
            return event.model_dump(mode="json")
