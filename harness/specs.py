"""What can be asked for in replication.yaml. Free of torch, so that checking is fast."""

from collections.abc import Iterator
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from harness.measurement import Condition, Quantity
from harness.paper import Id
from harness.record import HarnessError, Record

Probe = Literal["logistic_regression", "mass_mean", "mass_mean_covariance", "ccs", "lda"]
Control = Literal["shuffled_labels", "bag_of_words", "random_direction"]
Hookpoint = Literal["resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out"]
TrainSet = Annotated[str, Field(pattern=r"^[a-z_]+(\+[a-z_]+)*$")]
"""A data set, or several joined by `+`."""


class Transfer(Record):
    """One probe trained on one set and tested on another."""

    probe: Probe
    train: TrainSet
    test: str


class ProbingSpec(Record):
    """Probes for the truth of statements: every train set against every test set."""

    family: Literal["probing"]
    id: Id
    model: str
    """A registry name, `hf:ORG/NAME[@revision]` or `path:DIRECTORY`."""
    judged: bool = True
    """Whether claims are judged by these rows; otherwise they are context in the report."""
    seeds: Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]
    data: Literal["generated", "original"] = "generated"
    sizes: dict[str, PositiveInt] = Field(default_factory=dict)
    """Statements a set, where not the paper's number."""
    hookpoint: Hookpoint = "resid_post"
    position: Literal["last"] = "last"
    """Token whose activation is read: the last one is the statement's period."""
    layer: NonNegativeInt | Literal["validation"] = "validation"
    """A fixed layer, or the one that held-apart selection units prefer."""
    selection_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.25
    """Share of the units that choose the layer and are never reported on."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    probes: Annotated[tuple[Probe, ...], Field(min_length=1)]
    train: Annotated[tuple[TrainSet, ...], Field(min_length=1)]
    test: Annotated[tuple[str, ...], Field(min_length=1)]
    split: Literal["statement", "unit", "country"] = "unit"
    """What never stands on both sides of a train/test split."""
    folds: Annotated[int, Field(ge=2)] = 5
    controls: tuple[Control, ...] = ("shuffled_labels", "bag_of_words", "random_direction")
    sweep: tuple[Transfer, ...] = ()
    """What is measured at every layer, with the first seed."""
    angles: tuple[tuple[str, str], ...] = ()
    """Pairs of sets whose truth directions are compared at every layer."""
    pictures: tuple[str, ...] = ()
    """Sets whose true/false clouds are projected on principal components for the figures."""

    @field_validator("seeds", "train", "test", "probes", "controls", "sweep")
    @classmethod
    def _no_repeats(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        if len(set(map(str, values))) < len(values):
            raise HarnessError("an entry stands twice; every row must be told from the others")
        return values

    @property
    def sets(self) -> tuple[str, ...]:
        """Every data set that the experiment reads, each once."""
        trained = [name for joined in self.train for name in joined.split("+")]
        swept = [name for each in self.sweep for name in (*each.train.split("+"), each.test)]
        angled = [name for pair in self.angles for name in pair]
        return tuple(dict.fromkeys([*trained, *self.test, *swept, *angled, *self.pictures]))

    def produces(self) -> Iterator[Quantity]:
        """Every quantity that a complete run measures, but for the sweep over layers."""
        base: dict[str, Condition] = {
            "model": self.model,
            "split": self.split,
            "position": self.position,
            "layer": "chosen",
        }
        for probe, train, test in product(self.probes, self.train, self.test):
            if probe == "ccs" and "+" not in train:
                continue
            where: dict[str, Condition] = {**base, "probe": probe, "train": train, "test": test}
            yield Quantity(metric="auroc", where=where)
            for control in (None, *self.controls):
                yield Quantity(metric="accuracy_binary", where=where, control=control)
        for first, second in self.angles:
            for control in (None, "shuffled_labels"):
                pair: dict[str, Condition] = {**base, "first": first, "second": second}
                yield Quantity(metric="direction_angle", where=pair, control=control)
        for name in self.pictures:
            yield Quantity(metric="pc1_threshold_accuracy", where={**base, "test": name})
        yield Quantity(metric="chosen_layer", where=base)


ExperimentSpec = ProbingSpec
"""The union of families; each is a record with `family`, `id`, `model`, `judged`, `seeds`."""


class Deviation(Record):
    """One thing done otherwise than in the paper."""

    what: Literal["model", "dataset", "scale", "hyperparameter", "metric"]
    paper: str
    here: str
    why: str


class ReplicationSpec(Record):
    """What we do about a paper's claims, on which models, and how that differs."""

    id: Id
    paper: Id
    experiments: Annotated[tuple[ExperimentSpec, ...], Field(min_length=1)]
    deviations: tuple[Deviation, ...] = ()
    untested: dict[str, str] = Field(default_factory=dict)
    """Claims that no experiment here touches, each with the reason."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [experiment.id for experiment in self.experiments]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise HarnessError(f"two experiments are called {', '.join(twice)}")
        return self
