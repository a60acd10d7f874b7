"""A synthetic world ready for use: its dictionary, its sampler, and its features' places."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from harness.specs.worlds import World
from harness.worlds.build import Built, Progress, build_world
from harness.worlds.features import SparseFeatures
from harness.worlds.sampler import Sampler
from harness.worlds.structure import structure_of


@dataclass(frozen=True)
class SyntheticWorld:
    """One world on one device."""

    entry: World
    built: Built
    device: torch.device
    silent: tuple[int, ...] = ()
    """Features that stand in the dictionary and never fire."""

    @cached_property
    def sampler(self) -> Sampler:
        """Draws what is active."""
        structure = structure_of(self.built.model).silenced(self.silent)
        return Sampler(structure.to(self.device))

    @cached_property
    def vectors(self) -> Float[Tensor, "n d"]:
        """The true features, unit rows, the most frequent first."""
        return self.built.model.feature_dict.feature_vectors.to(self.device).contiguous()

    @cached_property
    def bias(self) -> Float[Tensor, " d"]:
        """What every activation has in common."""
        return self.built.model.feature_dict.bias.to(self.device)

    def generator(self, *seeds: int) -> torch.Generator:
        """A source of samples for this device; other seeds, other samples."""
        mixed = 0
        for seed in seeds:
            mixed = (mixed * 1_000_003 + seed + 1) % 2**63
        return torch.Generator(self.device).manual_seed(mixed)

    def hidden(self, features: SparseFeatures) -> Float[Tensor, "rows d"]:
        """Activations of these features."""
        return features.hidden(self.vectors, self.bias)

    def draw(self, rows: int, generator: torch.Generator) -> Float[Tensor, "rows d"]:
        """Fresh activations."""
        return self.hidden(self.sampler.sample(rows, generator))


def open_world(
    entry: World,
    device: torch.device,
    *,
    folder: Path | None = None,
    progress: Progress = lambda _step, _done, _total: None,
) -> SyntheticWorld:
    """The world, from the hub, the cache, or built now; with a `folder`, from there or built."""
    return SyntheticWorld(entry, build_world(entry, folder=folder, progress=progress), device)
