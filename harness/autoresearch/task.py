"""What a campaign tries to improve: metric, contract, where it is measured, when a change is kept.

Shipped tasks are `tasks/<id>.yaml`; any other file of that form will do.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from harness.paper import Id
from harness.problems import did_you_mean
from harness.record import HarnessError, Record
from harness.specs.worlds import resolve_world

TASKS = Path(__file__).parent / "tasks"
Tier = Literal["dev", "gate", "sealed"]
"""`dev`: what the search is steered by; `gate`: confirms a promotion, its scores are shown to no
proposer; `sealed`: scored once, at the end, by a person's command. Each has a world, or documents,
of its own."""
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Band(Record):
    """Both ends belong to it."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise HarnessError(f"low: {self.low} is above high, {self.high}")
        return self

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


class Contract(Record):
    """What every candidate is held to, by code."""

    width: PositiveInt
    """Latents: rows of the decoder."""
    samples: PositiveInt
    """Training activations that a candidate is handed; there are no more."""
    l0: Band
    """Mean active latents of an activation, as encoded on the scorer's activations."""
    target_l0: PositiveFloat
    """What recipes aim at."""
    learning_rate: Band
    """Of the knob of that name."""
    parameters: PositiveInt
    """The most numbers in the trained state."""
    code_lines: PositiveInt
    """The most lines of the recipe that are neither blank nor comment."""
    seconds: PositiveFloat
    """Wall clock of one training."""
    encode_seconds: PositiveFloat
    """Wall clock of encoding the scorer's activations."""
    memory_gib: PositiveFloat

    @model_validator(mode="after")
    def _aims_inside(self) -> Self:
        if self.target_l0 not in self.l0:
            raise HarnessError(f"target_l0: {self.target_l0} lies outside of l0")
        return self


class SyntheticSource(Record):
    """A synthetic world; each tier has one of its own, drawn from the campaign's secret."""

    kind: Literal["synthetic"]
    world: str

    @model_validator(mode="after")
    def _known(self) -> Self:
        resolve_world(self.world)
        return self


class ActivationSource(Record):
    """Activations of a language model; each tier has documents of its own. There is no truth:
    metrics are of the reconstruction."""

    kind: Literal["activations"]
    model: str
    """As `harness models` names it."""
    layer: int
    """The residual stream before this layer."""
    tokens: PositiveInt
    """Of each tier, cached."""


Source = Annotated[SyntheticSource | ActivationSource, Field(discriminator="kind")]


class Guardrail(Record):
    """A metric that must not be paid with."""

    metric: str
    tolerance: NonNegativeFloat
    """How much worse than the incumbent's its mean may be."""
    higher_is_better: bool = True


class KeepRule(Record):
    """When a change is kept: design and levels of the tests."""

    alpha: Fraction = 0.05
    """Chance that a whole campaign keeps anything that is not better (family-wise)."""
    looks: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (3, 5, 8)
    """Paired seeds at which a candidate is tested; before the first it is only given up."""
    gate_seeds: Annotated[int, Field(ge=3)] = 5
    """Fresh pairs that confirm it on the gate's world."""
    gate_alpha: Fraction = 0.05
    """Chance that the gate, over a whole campaign, lets through anything that is no gain."""
    ablation_seeds: Annotated[int, Field(ge=2)] = 3
    """The most pairs by which each of several changes is left out."""
    margin: PositiveFloat = 0.002
    """In the metric's unit: a loss below it counts as equal. By it a simpler recipe is let in, and
    a change without which the score is equal is left out."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        rises = list(self.looks) == sorted(set(self.looks))
        if not rises or self.looks[0] < 3:
            raise HarnessError("looks: rising numbers of at least 3 seeds")
        if self.ablation_seeds > self.looks[0]:
            raise HarnessError(f"ablation_seeds: at most {self.looks[0]}, as the first look has")
        return self


class Budget(Record):
    """When a campaign ends of itself."""

    trials: PositiveInt
    """The alpha is spread over as many."""
    hours: PositiveFloat
    plateau: PositiveInt
    """Trials in a row without a keep, after which there is one planning sprint, and as many again
    after which it stops."""


class Task(Record):
    """One task."""

    id: Id
    title: str
    about: str
    start: str
    """Recipe that the first incumbent is: `batchtopk`, `matryoshka`, or a folder with `recipe.py`
    and `knobs.yaml`."""
    source: Source
    metric: str
    """Higher is better: `latent_f1`, `mcc`, `sae_variance_explained`, …"""
    guardrails: tuple[Guardrail, ...] = ()
    contract: Contract
    eval_samples: PositiveInt
    """Activations that the scorer measures on."""
    keep: KeepRule = KeepRule()
    budget: Budget


def shipped_tasks() -> list[str]:
    """Names of the tasks that come with the harness."""
    return sorted(path.stem for path in TASKS.glob("*.yaml"))


def load_task(name: str) -> Task:
    """A shipped task by name, or one's own by the path of its file.

    Raises `HarnessError` with the valid names.
    """
    if name.endswith((".yaml", ".yml", ".json")):
        return Task.load(Path(name))
    if name not in shipped_tasks():
        raise HarnessError(f"task {name!r} is unknown{did_you_mean(name, shipped_tasks())}")
    return Task.load(TASKS / f"{name}.yaml")
