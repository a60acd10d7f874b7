"""What has happened to calls, one event a line: an append-only file without keys or texts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from harness.lines import append_line, cut_torn, whole_lines
from harness.record import HarnessError, Record


class Reserved(Record):
    """A call is about to be forwarded. It counts at this until it is settled, and where the
    process is killed before that, for good."""

    kind: Literal["reserved"] = "reserved"
    call: str
    step: str
    model: str
    input_tokens: int
    """At most: a token has a byte or more."""
    output_tokens: int | None
    """At most; `None` where neither the request nor a price list says."""
    usd: Decimal | None
    """At most; `None` where the model has no price."""


class Settled(Record):
    """What the call has taken."""

    kind: Literal["settled"] = "settled"
    call: str
    step: str
    model: str
    status: int | None
    """Of the provider's answer; `None` where there was none."""
    calls: Literal[0, 1]
    """0 where the provider refused or could not be reached."""
    input_tokens: int
    """Cached ones included."""
    cached_tokens: int
    output_tokens: int
    usd: Decimal | None
    """`None` where some of its tokens have no price."""
    assumed: bool
    """Whether it counts at what was reserved, for nobody told what it took."""
    seconds: float


class Refused(Record):
    """A call was not forwarded."""

    kind: Literal["refused"] = "refused"
    step: str
    model: str
    why: str


class Stored(Record):
    """A call was answered with what the provider had answered to the same request before."""

    kind: Literal["stored"] = "stored"
    step: str
    model: str


Event = Annotated[Reserved | Settled | Refused | Stored, Field(discriminator="kind")]


class Line(Record):
    """An event and when it was written."""

    utc: str
    event: Event


_LINE = TypeAdapter(Line)


class Ledger:
    """The file, open for one writer; a line is on disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        """Cuts off a last line that a crash tore."""
        self._path = path
        cut_torn(path)

    def append(self, event: Event) -> None:
        """Write one event. Raises `HarnessError` where the disk is full."""
        line = Line(utc=datetime.now(UTC).isoformat(timespec="milliseconds"), event=event)
        append_line(self._path, line.model_dump_json())


def read_ledger(path: Path) -> Iterator[Event]:
    """The events of a ledger, oldest first; none where there is no file.

    Changes nothing. A torn last line is passed over. Raises `HarnessError` naming file and line.
    """
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            yield _LINE.validate_json(line).event
        except ValidationError as error:
            told = error.errors()[0]["msg"]
            raise HarnessError(f"{path}:{number}: no line of a ledger: {told}") from error
