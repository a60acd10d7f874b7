"""What an experiment of the family `sae_bench` can be asked for."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from harness.measurement import Condition, Quantity
from harness.paper import Id
from harness.record import HarnessError, Record
from harness.specs.experiment import DataSource, Experiment, no_repeats
from harness.specs.worlds import WORLDS, resolve_world

ARCHITECTURES = (
    "standard",
    "topk",
    "batchtopk",
    "jumprelu",
    "gated",
    "matryoshka_batchtopk",
    "matching_pursuit",
)
"""As SAELens calls them."""
SAE_METRICS = (
    "mcc",
    "latent_f1",
    "latent_precision",
    "latent_recall",
    "feature_uniqueness",
    "sae_variance_explained",
    "sae_l0",
    "dead_latent_fraction",
    "shrinkage",
)
SAE_CONTROLS = ("random_init", "true_dictionary")
DEPTHS = (0, 1, 2)
"""Of parents in the hierarchy; those at depth 3 have no children."""
FREQUENCY_BANDS = 8
"""Bands of equally many features, the most frequent first, of which recovery is told apart."""


def _named(entry: Any) -> Any:
    return {"name": entry} if isinstance(entry, str) else entry


class Architecture(Record):
    """A SAELens architecture with what its configuration departs in from the paper's."""

    name: str
    """One of SAELens', or the import path `MODULE:CONFIG_CLASS` of a registered training SAE."""
    label: Id | None = None
    """The condition `architecture` of its rows; else its name."""
    config: dict[str, bool | int | float | str | tuple[int, ...]] = Field(default_factory=dict)
    """Fields of its SAELens configuration."""

    @property
    def title(self) -> str:
        """What its rows call it."""
        return self.label or self.name.rpartition(":")[2].lower()


_Named = Annotated[Architecture, BeforeValidator(_named, json_schema_input_type=str | Architecture)]
"""A name alone will do."""


class SaeBenchSpec(Experiment):
    """Sparse autoencoders of several architectures trained and evaluated on a synthetic world.

    `model` names the world. Each seed draws the initial weights, the samples to train on and
    those to evaluate on; the world is one.
    """

    family: Literal["sae_bench"]
    architectures: Annotated[tuple[_Named, ...], Field(min_length=1)]
    relative_l0: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)] = (1.0,)
    """Wanted L0 as a multiple of the world's own `l0`."""
    width: PositiveInt
    """Latents."""
    samples: PositiveInt
    """Training samples of each SAE."""
    learning_rate: PositiveFloat
    batch: PositiveInt = 1024
    eval_samples: PositiveInt = 500_000
    probe_samples: NonNegativeInt = 0
    """Training samples of the supervised probes; 0: no ceiling is measured."""
    diagnostics: bool = True
    """Absorption, hedging and recovery by frequency."""
    world_facts: bool = True
    """Whether the world's L0 and superposition, and the probes' F1, are measured here. Once a
    replication is enough: claims need one source."""

    @field_validator("relative_l0")
    @classmethod
    def _levels_differ(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        return no_repeats(levels)

    @model_validator(mode="after")
    def _titles_differ(self) -> "SaeBenchSpec":
        titles = [each.title for each in self.architectures]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise HarnessError(f"architectures: {', '.join(twice)} stands twice; give a label")
        return self

    def target_l0(self, relative: float) -> float:
        """Mean active latents wanted of an SAE."""
        return round(relative * resolve_world(self.model).l0, 6)

    def where(self, architecture: Architecture, relative: float) -> dict[str, Condition]:
        """Conditions of the rows of one SAE."""
        return {
            "model": self.model,
            "architecture": architecture.title,
            "relative_l0": relative,
            "l0": self.target_l0(relative),
            "width": self.width,
        }

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:  # noqa: ARG002
        """Metrics, controls and diagnostics of each SAE; ceiling and facts of the world."""
        facts = ("world_l0", "mean_max_cosine", *(("probe_f1",) if self.probe_samples else ()))
        for metric in facts if self.world_facts else ():
            yield Quantity(metric=metric, where={"model": self.model})
        for architecture, relative in product(self.architectures, self.relative_l0):
            where = self.where(architecture, relative)
            for metric, control in product(SAE_METRICS, (None, *SAE_CONTROLS)):
                yield Quantity(metric=metric, where=where, control=control)
            if self.diagnostics:
                yield from _diagnostics(where)

    def moved(self, *, model: str, data: DataSource) -> "SaeBenchSpec":
        """On another world, at that world's scale."""
        moved = super().moved(model=model, data=data)
        if model == self.model or model not in WORLDS:
            return moved
        world = WORLDS[model]
        scale = {
            "width": world.width,
            "samples": world.samples,
            "learning_rate": world.learning_rate,
        }
        return moved.model_copy(update=scale)


def _diagnostics(where: dict[str, Condition]) -> Iterator[Quantity]:
    for metric, depth in product(
        ("absorption_rate", "absorption_cosine", "hedging_cosine"), DEPTHS
    ):
        yield Quantity(metric=metric, where={**where, "depth": depth})
    for band in range(1, FREQUENCY_BANDS + 1):
        yield Quantity(metric="feature_recovery", where={**where, "band": band})
