"""What the explorer publishes of a project, as data: papers, their claims, every replication.

`feed.json` holds one `Feed`, and every page of the site is made of it alone. A change of a field's
meaning raises `VERSION`. Texts of specs stand here as they were written, rooted paths of a machine
cut; they are escaped where they are shown.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, HttpUrl

from harness.examine import Outcome
from harness.record import Record
from harness.report.wording import joined, without_machine_paths

VERSION = 1
Text = Annotated[str, AfterValidator(without_machine_paths)]
"""Words that somebody wrote."""


class PrintedNumber(Record):
    """What one table of the paper gives for a claim."""

    table: str
    values: tuple[float, ...]
    """One a quantity of the claim, in the metric's unit."""
    text: Text
    """As it is shown."""
    status: Literal["read", "artifact", "recomputed", "secondary"]
    """How the number was had."""


class FeedClaim(Record):
    """A claim in the paper's words, and what a replication of it has to show."""

    id: str
    statement: Text
    scope: Literal["exact", "general"]
    """`exact`: a number of the paper's own model; `general`: what any such model shows."""
    section: Text
    quote: Text
    status: Literal["read", "artifact", "recomputed", "secondary"]
    demands: Text
    """The expectation in a few words."""
    grounds: Text | None
    """Why the limit lies where it does; `None` where it needs no reason."""
    controls: tuple[str, ...]
    printed: tuple[PrintedNumber, ...]


class FeedPaper(Record):
    """A paper and its claims, in its order."""

    id: str
    title: Text
    authors: tuple[Text, ...]
    year: int
    url: HttpUrl
    topics: tuple[Text, ...]
    models: tuple[Text, ...]
    """Those that the authors studied."""
    claims: tuple[FeedClaim, ...]


class Number(Record):
    """An estimate of ours with its 95 % interval. `None` is unknown, never zero."""

    name: Text
    """What it is, where a claim needs several or a derived one; else empty."""
    quantity: Text
    """Metric and conditions."""
    text: Text
    """Value and interval in the metric's unit, as they are shown."""
    mean: float
    low: float | None
    high: float | None
    n: int
    """Independent units."""
    seeds: int


class ClaimOutcome(Record):
    """What became of a claim in one replication."""

    claim: str
    outcome: Outcome
    reason: Text
    here: Text
    """What was measured, in a few words; empty where nothing was."""
    numbers: tuple[Number, ...]
    controls: tuple[Number, ...]


class FeedDeviation(Record):
    """What was done otherwise than in the paper."""

    what: str
    paper: Text
    here: Text
    why: Text


class Weights(Record):
    """A model by the hash of its weights."""

    name: Text
    sha256: str
    quantization: str | None


class Execution(Record):
    """How the numbers came about, as the manifest says it."""

    harness_version: str
    commit: str | None
    dirty: bool | None
    """Whether package or specs differed from that commit."""
    finished_utc: str | None
    """Of the last experiment, in ISO 8601; `None` where none ran."""
    devices: tuple[str, ...]
    seconds: float
    weights: tuple[Weights, ...]


class Origin(Record):
    """Where numbers were read that others measured."""

    repository: HttpUrl
    commit: str


class FeedReplication(Record):
    """One replication: its choices, outcomes and files."""

    paper: str
    id: str
    authors: tuple[Text, ...]
    """Who measured; empty where it is the project itself."""
    origins: tuple[Origin, ...]
    """Empty where everything was measured by the harness."""
    models: tuple[Text, ...]
    families: tuple[str, ...]
    seeds: tuple[int, ...]
    summary: Text
    """One sentence on what became of the claims."""
    counts: dict[Outcome, int]
    claims: tuple[ClaimOutcome, ...]
    """In the paper's order."""
    deviations: tuple[FeedDeviation, ...]
    untested: dict[str, Text]
    """Claims that were left out, with the reason."""
    failures: tuple[Text, ...]
    """Experiments that crashed."""
    execution: Execution | None
    """`None` before the first run."""
    folder: str
    """Below the site's root: `replications/<paper>/<id>`."""
    files: tuple[str, ...]
    """Paths in that folder, in order."""
    thumbnail: str | None
    """Path in that folder; `None` where no figure was drawn."""

    @property
    def title(self) -> str:
        """Its models, as a heading names them."""
        return joined(map(model_title, self.models))

    @property
    def anchor(self) -> str:
        """Where the paper's page shows it."""
        return f"replication-{self.id}"


def model_title(model: str) -> str:
    """A model's name without the word for the hub it is had from."""
    return model.removeprefix("hf:")


class Skipped(Record):
    """A replication that could not be read, and was left out on demand."""

    folder: str
    why: Text


class Feed(Record):
    """What `feed.json` holds."""

    version: Literal[1] = VERSION
    repository: HttpUrl | None
    """Where the project's source lies on the web."""
    papers: tuple[FeedPaper, ...]
    """Those with a replication, by id."""
    replications: tuple[FeedReplication, ...]
    """By paper, then id."""
    skipped: tuple[Skipped, ...]

    def of(self, paper: FeedPaper) -> list[FeedReplication]:
        """Every replication of a paper."""
        return [each for each in self.replications if each.paper == paper.id]
