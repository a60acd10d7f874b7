"""What to take from a replication of the predecessor harness, and how it differs from the paper.

One YAML file a paper, `recipes/PAPER.yaml`, in which `{model}` stands for their key of the model,
`{ref}` for its name here and `{layer}` for the layer that they chose.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt

from harness.measurement import Condition
from harness.paper import Id
from harness.record import HarnessError, Record
from harness.specs import DataSource
from harness.specs.imported import Pointer, Reading

_FOLDER = Path(__file__).with_name("recipes")


class Entry(Record):
    """A number, or one a model."""

    models: tuple[str, ...] = ()
    """Keys of the models that have it; empty: all."""
    others: tuple[str, ...] = ()
    """Keys of those that do not."""
    file: str
    """Below `results/PAPER/ID/`."""
    optional: bool = False
    """Whether a replication may lack the file."""
    reading: Reading
    metric: str
    where: dict[str, Condition] = Field(default_factory=dict)
    control: str | None = None
    seed: NonNegativeInt = 42
    claim: str | None = None
    """Their claim, whose limit and verdict are told with the number."""
    judged_at: Pointer | None = None
    """Where the file has what they judged it by."""
    requires: dict[Pointer, str | float] = Field(default_factory=dict)
    """What the file must say there for the number to be what it is taken for."""

    def is_for(self, model: str) -> bool:
        """Whether a model of theirs has this number."""
        return model not in self.others and (not self.models or model in self.models)


class Difference(Record):
    """A deviation from the paper, of all models or of some."""

    models: tuple[str, ...] = ()
    what: Literal["model", "dataset", "scale", "hyperparameter", "metric"]
    paper: str
    here: str
    why: str


class Chosen(Record):
    """Where the layer stands that they chose."""

    file: str
    at: Pointer


class Recipe(Record):
    """One paper's."""

    theirs: str
    """Their name for the paper."""
    paper: Id
    data: DataSource
    layer: Chosen
    numbers: tuple[Entry, ...]
    deviations: tuple[Difference, ...]
    untested: dict[str, str] = Field(default_factory=dict)
    """Why a claim has no number."""
    untested_of: dict[str, dict[str, str]] = Field(default_factory=dict)
    """The same of one model alone."""
    otherwise: str
    """Why the other claims have none."""


def recipes() -> dict[str, Recipe]:
    """Every recipe, by their name of the paper."""
    found = [Recipe.load(path) for path in sorted(_FOLDER.glob("*.yaml"))]
    return {recipe.theirs: recipe for recipe in found}


def recipe_of(theirs: str) -> Recipe:
    """Raises `HarnessError` with the papers that can be imported."""
    known = recipes()
    if theirs not in known:
        raise HarnessError(f"{theirs!r}: nothing is known of it; valid: {', '.join(known)}")
    return known[theirs]
