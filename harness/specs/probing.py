"""What a probing experiment can be asked for."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from harness.measurement import Condition, Quantity
from harness.record import Record
from harness.specs.experiment import DataSource, Experiment, no_repeats

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


class ProbingSpec(Experiment):
    """Probes for the truth of statements: every train set against every test set."""

    family: Literal["probing"]
    sizes: dict[str, PositiveInt] = Field(default_factory=dict)
    """Statements a set, where not the paper's number."""
    hookpoint: Hookpoint = "resid_post"
    position: Literal["last"] = "last"
    """Token whose activation is read: the last one is the statement's period."""
    layer: NonNegativeInt | Literal["validation"] = "validation"
    """A fixed layer, or the one that held-apart selection units prefer."""
    selection_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.25
    """Share of the units that choose the layer and are never reported on."""
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

    @field_validator("train", "test", "probes", "controls", "sweep")
    @classmethod
    def _entries_differ(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        return no_repeats(values)

    @property
    def sets(self) -> tuple[str, ...]:
        """Every data set that the experiment reads, each once."""
        trained = [name for joined in self.train for name in joined.split("+")]
        swept = [name for each in self.sweep for name in (*each.train.split("+"), each.test)]
        angled = [name for pair in self.angles for name in pair]
        return tuple(dict.fromkeys([*trained, *self.test, *swept, *angled, *self.pictures]))

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:
        """Every cell of the matrix, the pictures, and what is swept at `layers`."""
        for layer in ("chosen", *layers):
            yield from self._cells(layer)
            yield from self._angles(layer)
        base = self._base("chosen")
        for name in self.pictures:
            yield Quantity(metric="pc1_threshold_accuracy", where={**base, "test": name})
        yield Quantity(metric="chosen_layer", where=base)

    def _base(self, layer: Condition) -> dict[str, Condition]:
        return {
            "model": self.model,
            "split": self.split,
            "position": self.position,
            "layer": layer,
        }

    def _cells(self, layer: Condition) -> Iterator[Quantity]:
        """Accuracies; at a layer by number, of the sweep with its one control only."""
        every = [Transfer(probe=p, train=a, test=b) for p, a, b in self._matrix()]
        chosen = layer == "chosen"
        for each in every if chosen else self.sweep:
            where: dict[str, Condition] = {**self._base(layer), **each.model_dump()}
            if chosen:
                yield Quantity(metric="auroc", where=where)
            for control in (None, *(self.controls if chosen else ("shuffled_labels",))):
                yield Quantity(metric="accuracy_binary", where=where, control=control)

    def _matrix(self) -> Iterator[tuple[Probe, TrainSet, str]]:
        for probe, train, test in product(self.probes, self.train, self.test):
            if probe != "ccs" or "+" in train:
                yield probe, train, test

    def _angles(self, layer: Condition) -> Iterator[Quantity]:
        for first, second in self.angles:
            where: dict[str, Condition] = {**self._base(layer), "first": first, "second": second}
            for control in (None, "shuffled_labels"):
                yield Quantity(metric="direction_angle", where=where, control=control)

    def moved(self, *, model: str, data: DataSource) -> Self:
        """Original sets are used whole; a layer's number means nothing in another model."""
        sizes = {"sizes": {}} if data == "original" else {}
        layer = {"layer": "validation"} if self.model != model else {}
        return self.model_copy(update={"model": model, "data": data, **sizes, **layer})
