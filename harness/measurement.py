"""One number that an experiment produced, and how claims select such numbers."""

import base64
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from statistics import fmean
from typing import Annotated, Self

from pydantic import Field, PositiveInt, StrictFloat, StrictInt, StrictStr, model_validator

from harness.metrics import get_metric
from harness.record import HarnessError, Record

_MOST_BYTES = 1 << 28
"""No more than this is unpacked, whatever a file claims to hold."""

Condition = StrictStr | StrictInt | StrictFloat
"""A setting that a number was measured under. Strict: YAML's `true` is an error, not 1."""


class Quantity(Record):
    """Selects measurements: a metric under stated conditions, of one control or of none."""

    metric: str
    where: dict[str, Condition] = Field(default_factory=dict)
    control: str | None = None
    """The control that the rows must belong to; `None` selects the real thing only."""

    @model_validator(mode="after")
    def _metric_is_known(self) -> Self:
        get_metric(self.metric)
        return self

    def under(self, control: str) -> "Quantity":
        """The same quantity as the control gives it."""
        return self.model_copy(update={"control": control})

    def __str__(self) -> str:
        conditions = ", ".join(f"{key}={value}" for key, value in self.where.items())
        return f"{self.metric}[{conditions}]" + (f" of {self.control}" if self.control else "")


class Items(Record):
    """The scores that a measurement is the mean of, one an independent unit."""

    set: str
    """Digest of the units, in order: two rows with one `set` scored the very same units."""
    scores: str
    """Base64 of the zlib-compressed little-endian float32 scores."""

    @classmethod
    def pack(cls, set_digest: str, scores: Sequence[float]) -> Self:
        """Store one score a unit. Raises `HarnessError` for an empty set."""
        if not scores:
            raise HarnessError("a mean over no units does not exist")
        raw = struct.pack(f"<{len(scores)}f", *scores)
        return cls(set=set_digest, scores=base64.b64encode(zlib.compress(raw)).decode())

    def unpack(self) -> tuple[float, ...]:
        """The scores, in the order of the units. Raises `HarnessError` where they are damaged."""
        reader = zlib.decompressobj()
        try:
            raw = reader.decompress(base64.b64decode(self.scores, validate=True), _MOST_BYTES)
            return struct.unpack(f"<{len(raw) // 4}f", raw)
        except (ValueError, zlib.error, struct.error) as error:
            raise HarnessError(f"items are not packed scores: {error}") from error


class Measurement(Record):
    """One finite scalar with what it was measured under."""

    experiment: str
    metric: str
    value: float
    stderr: Annotated[float, Field(ge=0)] | None = None
    """Standard error over units; `None` where unknown, never 0 for unknown."""
    n: PositiveInt
    """Number of independent units behind the value."""
    seed: int
    conditions: dict[str, Condition]
    control: str | None = None
    """Name of the control that this row belongs to."""
    items: Items | None = None

    @model_validator(mode="after")
    def _value_is_possible(self) -> Self:
        if not get_metric(self.metric).allows(self.value):
            raise HarnessError(f"{self.value} is outside the range of {self.metric}")
        return self

    @model_validator(mode="after")
    def _value_is_the_mean_of_its_items(self) -> Self:
        if self.items is None:
            return self
        scores = self.items.unpack()
        if len(scores) != self.n or not abs(fmean(scores) - self.value) <= 1e-5:
            raise HarnessError(f"{self.value} over n={self.n} is not the mean of its items")
        if not all(map(get_metric(self.metric).allows, (min(scores), max(scores)))):
            raise HarnessError(f"items are outside the range of {self.metric}")
        return self

    def matches(self, quantity: Quantity) -> bool:
        """Whether this row is one of those that `quantity` selects."""
        return (
            self.metric == quantity.metric
            and self.control == quantity.control
            and holds(quantity.where, self.conditions)
        )


class Failure(Record):
    """A crash is data, never a number; it is tried again at the next run."""

    experiment: str
    error: str
    traceback: str


class Evidence(tuple[Measurement, ...]):
    """Rows that are found by their metric, control and conditions without looking at each."""

    @cached_property
    def _places(self) -> dict[tuple[object, ...], set[int]]:
        places: dict[tuple[object, ...], set[int]] = {}
        for place, row in enumerate(self):
            for key in (("", row.metric, row.control), *row.conditions.items()):
                places.setdefault(key, set()).add(place)
        return places

    def near(self, quantity: Quantity) -> list[Measurement]:
        """The rows that can match, in order."""
        keys = [("", quantity.metric, quantity.control), *quantity.where.items()]
        found = [self._places.get(key, set()) for key in keys]
        return [self[place] for place in sorted(set.intersection(*found))]


def holds(where: Mapping[str, Condition], conditions: Mapping[str, Condition]) -> bool:
    """Whether every condition of `where` is met; 1 and 1.0 are one value, "1" is another."""
    return all(key in conditions and conditions[key] == value for key, value in where.items())


def select(quantity: Quantity, measured: Iterable[Measurement]) -> list[Measurement]:
    """The rows of a quantity, one a seed, in the order of their seeds.

    Raises `HarnessError` where rows differ in more than the seed, or one seed stands twice.
    """
    near = measured.near(quantity) if isinstance(measured, Evidence) else measured
    rows = sorted((row for row in near if row.matches(quantity)), key=lambda row: row.seed)
    settings = {(row.experiment, *sorted(row.conditions.items())) for row in rows}
    if len(settings) > 1:
        keys = sorted({key for row in rows for key in row.conditions} - set(quantity.where))
        raise HarnessError(
            f"{quantity} matches {len(settings)} settings; say which: {', '.join(keys)}, or mark "
            "the other experiments `judged: false`"
        )
    if len({row.seed for row in rows}) < len(rows):
        raise HarnessError(f"{quantity} has two rows for one seed")
    return rows
