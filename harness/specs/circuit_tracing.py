"""What an experiment of the family `circuit_tracing` can be asked for."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import Annotated, Literal, Self, assert_never

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from harness.measurement import Condition, Quantity
from harness.paper import Id
from harness.record import HarnessError, Record
from harness.specs.experiment import DataSource, Experiment
from harness.specs.transcoders import RECIPES, TranscoderRecipe

Steps = Literal["one_step", "two_step"]
Run = Literal["replacement", "original"]
RUNS: tuple[Run, ...] = ("replacement", "original")
"""Attention patterns frozen as on the clean prompt, or nothing frozen."""
RANDOM_FEATURES, RANDOM_TRANSCODERS = "random_features", "random_transcoders"
CONTROLS = (RANDOM_FEATURES, RANDOM_TRANSCODERS)
SWAP = "swap"
EFFECTS = (
    "answer_probability",
    "answer_first",
    "answer_log_probability_lost",
    "answer_kind_first",
    "foil_first",
    "foil_probability",
)
GRAPH_SCORES = (
    "replacement_score",
    "completeness_score",
    "ffl_excess",
    "ffl_percentile",
    "ffl_z",
)
GRAPH_SIZES = ("graph_nodes", "graph_edges", "linear_identity_error", "base_logit_error")
Where = dict[str, Condition]


class Facts(Record):
    """Facts on countries; supernodes are found by one rule on every prompt.

    Of each supernode the latents of most influence in the prompt's graph, by where they are active:

    - `relation`, `hop`: at those words.
    - `bridge`, of two steps: the country. At the city, on most other prompts of the same answer and
      on few of other answers; or at the last token, on few prompts of other answers and also where
      something else is asked of the same city.
    - `subject`: of two steps, at the city and on few other prompts at all. Of one step the country,
      by the rule of `bridge`.
    - `answer`: at the last token, on few prompts of other answers, and not where something else is
      asked.
    - `output`: at the last token, on most prompts of other answers, and not where something else is
      asked.
    """

    kind: Literal["facts"]
    steps: Steps
    prompts: Annotated[int, Field(ge=10)] = 40
    """Prompts that the model answers right, each with another as its foil."""

    @property
    def supernodes(self) -> tuple[str, ...]:
        """In the order of the prompt."""
        if self.steps == "one_step":
            return ("relation", "subject", "output", "answer")
        return ("relation", "hop", "subject", "bridge", "output", "answer")

    @property
    def swapped(self) -> str:
        """The supernode that is exchanged for the foil's."""
        return "subject" if self.steps == "one_step" else "bridge"


class Latent(Record):
    """A latent at a token."""

    layer: NonNegativeInt
    position: NonNegativeInt
    """Of the prompt's tokens, the start token being 0."""
    latent: NonNegativeInt


class NamedPrompt(Record):
    """A prompt with supernodes that someone picked by hand."""

    text: str
    supernodes: dict[Id, tuple[Latent, ...]] = Field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    """Whose probability is measured; each is one token."""


class NamedChange(Record):
    """Supernodes set to multiples of their activations, on one prompt."""

    prompt: Id
    factors: dict[Id, float] = Field(default_factory=dict)
    """By supernode of the prompt; of its activation on that prompt."""
    donors: dict[Id, dict[Id, float]] = Field(default_factory=dict)
    """By prompt and its supernode: of the activation on that other prompt."""


class Named(Record):
    """Prompts, supernodes and interventions as they are given."""

    kind: Literal["named"]
    prompts: Annotated[dict[Id, NamedPrompt], Field(min_length=1)]
    changes: dict[Id, NamedChange] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for name, change in self.changes.items():
            for prompt, nodes in ((change.prompt, change.factors), *change.donors.items()):
                if prompt not in self.prompts:
                    choices = ", ".join(self.prompts)
                    raise HarnessError(f"changes.{name}: prompt {prompt!r}; valid: {choices}")
                unknown = sorted(set(nodes) - set(self.prompts[prompt].supernodes))
                if unknown:
                    choices = ", ".join(self.prompts[prompt].supernodes)
                    told = f"changes.{name}: supernode {unknown[0]!r}"
                    raise HarnessError(f"{told}; valid: {choices}")
        return self


Task = Annotated[Facts | Named, Field(discriminator="kind")]


class CircuitTracingSpec(Experiment):
    """Attribution graphs of prompts, and what changing their supernodes does.

    Each seed draws the prompts, the random features and the null graphs.
    """

    family: Literal["circuit_tracing"]
    transcoders: str
    """A recipe's name, `hf:ORG/NAME[@revision]` or `path:DIRECTORY`."""
    task: Task
    max_features: PositiveInt = 1_000
    """Feature nodes of a graph, those of most influence."""
    node_threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Share of the influence that the nodes kept account for."""
    edge_threshold: Annotated[float, Field(gt=0, le=1)] = 0.98
    supernode_size: PositiveInt = 5
    factor: float = -2.0
    """What a supernode's activations are multiplied by."""
    foil_factor: float = 2.0
    """What the foil's activations are multiplied by where they are put in."""
    random_draws: PositiveInt = 4
    """Sets of random latents of equal activation, for each supernode."""
    motif_graphs: NonNegativeInt = 4
    """Prompts whose graphs are compared with null graphs, and with random transcoders' graphs."""
    motif_draws: Annotated[int, Field(ge=200)] = 200

    def base(self, **more: Condition) -> Where:
        """Conditions that all rows of the experiment share, and more."""
        return {"model": self.model, "transcoders": self.transcoders, **more}

    def moved(self, *, model: str, data: DataSource) -> Self:
        """On another model, with the first recipe that is for it; where there is none, a set that
        does not fit stays for the check to name."""
        same = super().moved(model=model, data=data)
        own = fitting(model)
        if model == self.model or not own:
            return same
        return same.model_copy(update={"transcoders": own[0].id})

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:
        """Every quantity, controls included; of the transcoders those at `layers`."""
        for layer in layers:
            for metric in ("transcoder_fvu", "transcoder_l0", "transcoder_alive_fraction"):
                yield Quantity(metric=metric, where=self.base(layer=layer))
        match self.task:
            case Facts():
                yield from self._facts(self.task)
            case Named():
                yield from self._named(self.task)
            case _:
                assert_never(self.task)

    def _graphs(self, where: Where) -> Iterator[Quantity]:
        for metric in (*GRAPH_SIZES, *(GRAPH_SCORES if self.motif_graphs else GRAPH_SCORES[:2])):
            yield Quantity(metric=metric, where=where)
            if self.motif_graphs and metric in GRAPH_SCORES:
                yield Quantity(metric=metric, where=where, control=RANDOM_TRANSCODERS)

    def _facts(self, task: Facts) -> Iterator[Quantity]:
        base = self.base(steps=task.steps)
        yield from self._graphs(base)
        yield Quantity(metric="fact_accuracy", where=base)
        for supernode in task.supernodes:
            for control in (None, RANDOM_FEATURES):
                where = {**base, "supernode": supernode}
                yield Quantity(metric="path_share", where=where, control=control)
        for run in RUNS:
            for metric in EFFECTS:
                yield Quantity(metric=metric, where={**base, "intervention": "none", "run": run})
            for change, control in product((*task.supernodes, SWAP), (None, RANDOM_FEATURES)):
                where = {**base, "intervention": change, "run": run}
                for metric in EFFECTS:
                    yield Quantity(metric=metric, where=where, control=control)
                for supernode in task.supernodes:
                    watched = {**where, "supernode": supernode}
                    yield Quantity(metric="supernode_activation", where=watched, control=control)
        yield Quantity(metric="effect_agreement", where=base)

    def _named(self, task: Named) -> Iterator[Quantity]:
        for name in task.prompts:
            yield from self._graphs(self.base(prompt=name))
        for change, run in product(("none", *task.changes), RUNS):
            asked = task.prompts if change == "none" else (task.changes[change].prompt,)
            for name, control in product(asked, (None, RANDOM_FEATURES)):
                if change == "none" and control:
                    continue
                where = self.base(prompt=name, intervention=change, run=run)
                for token in task.prompts[name].tokens:
                    at = {**where, "token": token}
                    yield Quantity(metric="token_probability", where=at, control=control)
                for supernode in task.prompts[name].supernodes:
                    at = {**where, "supernode": supernode}
                    yield Quantity(metric="mean_latent_activation", where=at, control=control)


def fitting(model: str) -> list[TranscoderRecipe]:
    """The recipes of a model whose latents interventions can set: those with one layer each."""
    return [each for each in RECIPES.values() if each.model == model and each.kind == "topk"]
