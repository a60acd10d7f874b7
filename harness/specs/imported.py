"""What an experiment of the family `imported` can be asked for: numbers that others measured."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from harness.measurement import Condition, Quantity
from harness.record import HarnessError, Record
from harness.specs.experiment import DataSource, Experiment


def _stays_inside(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise HarnessError(f"{path!r} is not a plain path inside the repository")
    return path


RepositoryPath = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_./ -]*$"), AfterValidator(_stays_inside)
]
"""A file of the repository, by its path from the top."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Pointer = Annotated[str, Field(pattern=r"^(/[^/]+)*$")]
"""Keys and places in a JSON file, each after a slash (RFC 6901): `/metrics/test_accuracy`. The
empty one is the whole file."""
Count = PositiveInt | Pointer
"""A number, or where the file says it."""


class ConfusionMatrix(Record):
    """Counts by true and predicted class: a score of 0 or 1 for each item, in the classes' order.

    Two files' items are never paired: no file says which item stood where.
    """

    kind: Literal["confusion_matrix"]
    at: Pointer
    accuracy: Pointer | None = None
    """Where the file says the accuracy, which must be that of the matrix."""


class Accuracy(Record):
    """A share of items without the items: standard error √(p (1 - p) / n)."""

    kind: Literal["accuracy"]
    at: Pointer
    n: Count
    matrix: Pointer | None = None
    """Where the file has a confusion matrix, whose accuracy it must be."""


class Rates(Record):
    """Shares of `n` trials each, so many under each pointer: a score of 0 or 1 for each trial."""

    kind: Literal["rates"]
    at: Annotated[tuple[Pointer, ...], Field(min_length=1)]
    n: Count


class Probabilities(Record):
    """A probability for each unit, one a pointer; nothing was sampled."""

    kind: Literal["probabilities"]
    at: Annotated[tuple[Pointer, ...], Field(min_length=1)]


class Signs(Record):
    """Whether a value of each entry of a list is above zero: a score of 0 or 1 an entry."""

    kind: Literal["signs"]
    at: Pointer
    value: Pointer
    """In each entry."""
    only: dict[str, str] = Field(default_factory=dict)
    """Keys of an entry with the values that it must have to count."""


class Correlation(Record):
    """A correlation as stored, with the interval that its `n` points leave."""

    kind: Literal["correlation"]
    at: Pointer
    n: Count
    method: Literal["pearson", "spearman"] = "pearson"
    sign: Literal["as_stored", "negated", "absolute"] = "as_stored"
    """`negated`: their files store it turned round; `absolute`: the sign means nothing."""


class CorrelationOf(Record):
    """Pearson's r between values by name in the file and `ratings`, computed here."""

    kind: Literal["correlation_of"]
    at: Pointer
    ratings: Annotated[dict[str, float], Field(min_length=4)]
    stored: Pointer | None = None
    """Where the file says it, which must be the same."""


class Number(Record):
    """A bare number: without any interval, so that no claim can be decided by it."""

    kind: Literal["number"]
    at: Pointer
    n: Count
    """Units behind it."""


Reading = Annotated[
    ConfusionMatrix
    | Accuracy
    | Rates
    | Probabilities
    | Signs
    | Correlation
    | CorrelationOf
    | Number,
    Field(discriminator="kind"),
]
"""How a measurement is had from a result file."""


class Said(Record):
    """What the others made of it, to stand beside what is made of it here."""

    metric: str
    """Their name for what they judged by."""
    at: Pointer
    value: float
    threshold: float
    success: bool
    """Value and success are as their file has them; a file that has others is refused."""
    success_at: Pointer = "/success"


class ImportedNumber(Record):
    """One measurement that lies in somebody else's file."""

    file: RepositoryPath
    sha256: Sha256
    reading: Reading
    metric: str
    where: dict[str, Condition] = Field(default_factory=dict)
    control: str | None = None
    seed: NonNegativeInt
    said: Said | None = None

    def quantity(self, model: str) -> Quantity:
        """What claims can ask for."""
        where = {"model": model, **self.where}
        return Quantity(metric=self.metric, where=where, control=self.control)


class ImportedSpec(Experiment):
    """Numbers out of the result files of another replication, named by commit and content.

    Nothing is measured: a rerun fetches the files again and reads them again.
    """

    family: Literal["imported"]
    repository: Annotated[
        str, Field(pattern=r"^https://github\.com/[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9][\w.-]*$")
    ]
    """`https://github.com/OWNER/NAME`; its files are fetched by commit."""
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    numbers: Annotated[tuple[ImportedNumber, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rows_differ(self) -> "ImportedSpec":
        seen: set[str] = set()
        for place, number in enumerate(self.numbers):
            name = f"{number.quantity(self.model)} of seed {number.seed}"
            if name in seen:
                raise HarnessError(f"numbers[{place}]: {name} stands twice")
            if "model" in number.where:
                raise HarnessError(f"numbers[{place}]: where: the model is the experiment's")
            if number.seed not in self.seeds:
                known = ", ".join(map(str, self.seeds))
                raise HarnessError(f"numbers[{place}]: seed {number.seed} is none of {known}")
            seen.add(name)
        return self

    def url(self, number: ImportedNumber) -> str:
        """Where a number's file is fetched from."""
        raw = self.repository.replace("https://github.com", "https://raw.githubusercontent.com")
        return f"{raw}/{self.commit}/{number.file.replace(' ', '%20')}"

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:  # noqa: ARG002
        """What `numbers` lists, once for all seeds."""
        seen: set[str] = set()
        for quantity in (number.quantity(self.model) for number in self.numbers):
            if str(quantity) not in seen:
                yield quantity
            seen.add(str(quantity))

    def moved(self, *, model: str, data: DataSource) -> "ImportedSpec":  # noqa: ARG002
        """Itself alone. Raises `HarnessError` for another model: no file tells of it."""
        if model != self.model:
            raise HarnessError(
                f"{self.id}: numbers from files about {self.model} say nothing of {model}; "
                "write experiments of another family for it"
            )
        return self
