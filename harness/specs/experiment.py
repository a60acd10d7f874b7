"""What every family's experiment says: which model, which seeds, whether claims rest on it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, NonNegativeInt, field_validator

from harness.measurement import Quantity
from harness.paper import Id
from harness.record import HarnessError, Record

DataSource = Literal["generated", "original"]


class Experiment(Record, ABC):
    """The fields that all families share."""

    id: Id
    model: str
    """A registry name, `hf:ORG/NAME[@revision]` or `path:DIRECTORY`."""
    judged: bool = True
    """Whether claims are judged by these rows; otherwise they are context in the report."""
    seeds: Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]
    data: DataSource = "generated"
    """Made here, or the authors' files."""
    dtype: Literal["float32", "bfloat16"] = "float32"

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        return no_repeats(seeds)

    @abstractmethod
    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:
        """Every quantity that a complete run measures; of rows by layer, those at `layers`."""

    def moved(self, *, model: str, data: DataSource) -> Self:  # noqa: ARG002
        """The same experiment on another model; on other data where the family has such."""
        return self.model_copy(update={"model": model})


Entries = TypeVar("Entries", bound=tuple[object, ...])


def no_repeats(values: Entries) -> Entries:
    """Refuse a list in which an entry stands twice."""
    if len(set(map(str, values))) < len(values):
        raise HarnessError("an entry stands twice; every row must be told from the others")
    return values
