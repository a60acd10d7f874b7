"""What an experiment of the family `steering` can be asked for."""

from collections.abc import Collection, Iterator
from itertools import combinations, product
from typing import Annotated, Literal, Self, assert_never

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from harness.measurement import Condition, Quantity
from harness.record import HarnessError, Record
from harness.specs.experiment import DataSource, Experiment, no_repeats

Method = Literal["mean_difference", "k_means", "pca", "logistic_regression"]
ReviewPositions = Literal["all", "commas", "random_tokens"]
Behaviour = Literal["optimism", "thrift", "company"]
Topic = Literal["weddings", "cooking", "astronomy", "gardening"]
TruthProbe = Literal["mass_mean", "logistic_regression"]
TruthSet = Annotated[str, Field(pattern=r"^[a-z_]+(\+[a-z_]+)*$")]
EvenInt = Annotated[int, Field(ge=4, multiple_of=2)]
Depth = Annotated[float, Field(ge=0, lt=1)]
Where = dict[str, Condition]

CONTROL = "random_direction"
"""The one control of the family: a direction drawn at random for each seed, equally long."""


class VectorFile(Record):
    """A safetensors file beside replication.yaml, with tensors named `blocks.18.resid_post`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Choices(Record):
    """Behaviour questions with two answers; the vector is fitted on other questions (CAA)."""

    kind: Literal["choices"]
    behaviours: Annotated[tuple[Behaviour, ...], Field(min_length=1)]
    answer: Literal["letter", "text"] = "letter"
    """Whether an answer is its letter, as in the paper, or the words of the choice."""
    train: EvenInt = 80
    """Questions of each behaviour that vectors are fitted on, a quarter of them held apart to
    choose the layer."""
    test: EvenInt = 40
    """Questions that are reported on."""


class Reviews(Record):
    """Film reviews of two signs; the direction is read at the adjective of toy reviews.

    Every direction is swapped everywhere; the first one at commas, and ablated, too.
    """

    kind: Literal["reviews"]
    directions: Annotated[tuple[Method, ...], Field(min_length=1)] = (
        "mean_difference",
        "k_means",
        "pca",
        "logistic_regression",
    )
    file: VectorFile | None = None
    """A direction from elsewhere, shown as `file` beside the others."""
    short: EvenInt = 120
    """Reviews of several clauses, whose direction was fitted on toy reviews."""

    @property
    def names(self) -> tuple[str, ...]:
        """All directions, the one from a file last."""
        return (*self.directions, "file") if self.file else self.directions

    def swapped(self, positions: ReviewPositions) -> tuple[str, ...]:
        """The directions that are swapped at some positions."""
        return self.names if positions == "all" else self.names[:1]


class Topics(Record):
    """Sampled continuations of neutral openings, steered by one pair of prompts (ActAdd)."""

    kind: Literal["topics"]
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]
    prompts: EvenInt = 40
    """Openings, a quarter of them held apart to choose the layer."""
    tokens: PositiveInt = 32
    """Of each continuation."""
    temperature: Annotated[float, Field(gt=0)] = 0.8


class Truth(Record):
    """Statements judged TRUE or FALSE in a few-shot prompt; the direction comes from probes."""

    kind: Literal["truth"]
    train: Annotated[tuple[TruthSet, ...], Field(min_length=1)]
    """Sets that the direction is fitted on, none of them the one steered."""
    directions: Annotated[tuple[TruthProbe, ...], Field(min_length=1)]
    depths: tuple[Depth, Depth]
    """First and last depth that the vector is added at, as shares of the model's layers."""
    shots: EvenInt = 4
    """Solved examples in the prompt, half of them true."""

    def layers(self, n_layers: int) -> range:
        """The layers at those depths, of a model of so many; never the last."""
        first, last = (min(round(depth * n_layers), n_layers - 2) for depth in self.depths)
        return range(first, last + 1)

    @field_validator("depths")
    @classmethod
    def _depths_are_in_order(cls, depths: tuple[float, float]) -> tuple[float, float]:
        if depths[0] > depths[1]:
            raise HarnessError(f"{depths[0]:g} to {depths[1]:g}; the first depth comes first")
        return depths


Task = Annotated[Choices | Reviews | Topics | Truth, Field(discriminator="kind")]


class SteeringSpec(Experiment):
    """A direction of the residual stream, and what changing the stream along it does."""

    family: Literal["steering"]
    task: Task
    layer: NonNegativeInt | Literal["validation"] = "validation"
    """After which block the stream is changed: fixed, or what held-apart units prefer."""
    layer_step: PositiveInt = 1
    """Every how many layers are tried where the layer is chosen, and shown where it is swept."""
    coefficients: Annotated[tuple[float, ...], Field(min_length=1)] = (-1.0, 0.0, 1.0)
    """Multiples of the vector that are added; 0 is the model as it is."""
    neutral_texts: Annotated[int, Field(ge=2)] = 16
    """Texts on other matters, on which it is seen what steering costs."""

    @field_validator("coefficients")
    @classmethod
    def _coefficients_differ(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        return no_repeats(values)

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:
        """Every quantity, the control's too; by layer only what is swept at `layers`."""
        match self.task:
            case Choices():
                yield from self._choices(self.task, layers)
            case Reviews():
                yield from self._reviews(self.task)
            case Topics():
                yield from self._topics(self.task)
            case Truth():
                yield from self._truth(self.task)
            case _:
                assert_never(self.task)

    def base(self, **more: Condition) -> Where:
        """Conditions that all rows of the experiment share, and more."""
        return {"model": self.model, "task": self.task.kind, **more}

    def _choices(self, task: Choices, layers: Collection[int]) -> Iterator[Quantity]:
        asked = self.base(answer=task.answer)
        chosen: Where = {**asked, "layer": "chosen"}
        yield Quantity(metric="chosen_layer", where=chosen)
        if task.answer == "letter":
            yield Quantity(metric="letter_accuracy", where=asked)
        for behaviour, coefficient in product((*task.behaviours, "all"), self.coefficients):
            where = {**chosen, "behaviour": behaviour, "coefficient": coefficient}
            yield from _both("choice_probability", where)
            yield from _both("log_perplexity", {**where, "text": "neutral"})
        for behaviour in task.behaviours:
            yield from _norms({**chosen, "behaviour": behaviour})
        for layer in ("chosen", "late"):
            yield from _both("choice_shift", {**asked, "behaviour": "all", "layer": layer})
        for layer in layers:
            if layer % self.layer_step == 0:
                where = {**asked, "behaviour": "all", "layer": layer}
                yield Quantity(metric="choice_shift", where=where)

    def _reviews(self, task: Reviews) -> Iterator[Quantity]:
        chosen = self.base(layer="chosen")
        yield Quantity(metric="chosen_layer", where=chosen)
        for name in ("toy", "short"):
            for metric in ("answer_preferred", "informative_fraction"):
                yield Quantity(metric=metric, where=self.base(set=name))
        for first, second in combinations(task.names, 2):
            yield from _both("direction_cosine", {**chosen, "first": first, "second": second})
        yield from _norms(chosen)
        for name, positions in REVIEW_SWAPS:
            for direction in task.swapped(positions):
                where = {**chosen, "direction": direction, "set": name, "positions": positions}
                for metric in ("logit_difference_recovered", "sign_flips"):
                    yield from _both(metric, {**where, "operation": "swap"})
        for positions in ABLATED:
            where = {**chosen, "direction": task.directions[0], "set": "short"}
            for metric in ("accuracy_kept", "above_chance_lost"):
                yield from _both(metric, {**where, "positions": positions, "operation": "ablate"})
        neutral: Where = {**chosen, "text": "neutral"}
        yield Quantity(metric="log_perplexity", where={**neutral, "operation": "none"})
        yield from _both("log_perplexity", {**neutral, "operation": "ablate"})

    def _topics(self, task: Topics) -> Iterator[Quantity]:
        for topic in task.topics:
            chosen = self.base(topic=topic, layer="chosen")
            yield Quantity(metric="chosen_layer", where=chosen)
            yield from _norms(chosen)
            for coefficient in self.coefficients:
                where = {**chosen, "coefficient": coefficient}
                yield from _both("behaviour_rate", where)
                for text in ("neutral", "topic"):
                    yield from _both("log_perplexity", {**where, "text": text})

    def _truth(self, task: Truth) -> Iterator[Quantity]:
        yield Quantity(metric="truth_gap", where=self.base())
        for train, direction in product(task.train, task.directions):
            where = self.base(train=train, direction=direction)
            yield from _norms(where)
            for way in ("false_to_true", "true_to_false"):
                yield from _both("indirect_effect", {**where, "way": way})
            yield from _both("log_perplexity", {**where, "operation": "add", "text": "neutral"})
        yield Quantity(metric="log_perplexity", where=self.base(operation="none", text="neutral"))

    def moved(self, *, model: str, data: DataSource) -> Self:
        """A layer's number means nothing in another model."""
        same = super().moved(model=model, data=data)
        return same if self.model == model else same.model_copy(update={"layer": "validation"})


REVIEW_SWAPS: tuple[tuple[str, ReviewPositions], ...] = (
    ("toy", "all"),
    ("short", "all"),
    ("short", "commas"),
    ("short", "random_tokens"),
)
"""Set and positions where the component along the direction is taken from the other review."""
ABLATED: tuple[ReviewPositions, ...] = ("all", "commas", "random_tokens")
"""Positions of short reviews where the component is set to its mean."""


def _both(metric: str, where: Where) -> Iterator[Quantity]:
    """The real direction's quantity and its control's."""
    for control in (None, CONTROL):
        yield Quantity(metric=metric, where=where, control=control)


def _norms(where: Where) -> Iterator[Quantity]:
    for metric in ("vector_norm", "resid_norm"):
        yield Quantity(metric=metric, where=where)
