"""Why an SAE scores as it does: absorption and hedging in the hierarchy, recovery by frequency.

Absorption (Chanin et al. 2024, arXiv:2409.14507): a parent's latent is silent where a child's
fires, whose decoder then holds the parent's direction too. Hedging (Chanin et al. 2025,
arXiv:2505.11756): a latent mixes features that fire together, as a parent's with its children's.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.saes.alignment import Alignment
from harness.saes.architectures import AnySAE
from harness.specs.sae_bench import FREQUENCY_BANDS
from harness.worlds.world import SyntheticWorld


class Pairs(NamedTuple):
    """Parents and children, both among the features that an SAE has latents for."""

    parents: Int[Tensor, " pairs"]
    children: Int[Tensor, " pairs"]
    depths: Int[Tensor, " pairs"]
    """Of the parents."""


class Counts(NamedTuple):
    """How often a feature and the latent most aligned with it fired, apart and together."""

    hits: Float[Tensor, " features"]
    false_alarms: Float[Tensor, " features"]
    misses: Float[Tensor, " features"]
    with_child: Float[Tensor, " features"]
    """Samples with the feature and a child of it active."""
    missed_with_child: Float[Tensor, " features"]


def family_pairs(world: SyntheticWorld, features: int) -> Pairs:
    """Every parent with each of its children, of the `features` most frequent."""
    s = world.sampler.structure
    children = torch.arange(features, device=s.parent.device)
    children = children[s.parent[:features] >= 0]
    parents = s.parent[children]
    return Pairs(parents, children, s.depth[parents])


def absorption_cosine(aligned: Alignment, pairs: Pairs) -> dict[int, float]:
    """By depth of the parent: cosine of the child's latent with the parent's feature."""
    return _by_depth(aligned.cosines[aligned.latent_of[pairs.children], pairs.parents], pairs)


def hedging_cosine(aligned: Alignment, pairs: Pairs) -> dict[int, float]:
    """By depth of the parent: cosine of the parent's latent with the child's feature."""
    return _by_depth(aligned.cosines[aligned.latent_of[pairs.parents], pairs.children], pairs)


@torch.no_grad()
def count(
    sae: AnySAE,
    aligned: Alignment,
    world: SyntheticWorld,
    *,
    samples: int,
    batch: int,
    generator: torch.Generator,
) -> Counts:
    """Count over at least `samples` fresh samples, whole batches."""
    sae.eval()
    features = len(aligned.latent_of)
    children = world.sampler.structure.children[:features]
    total = torch.zeros(5, features, device=world.device)
    for _ in range(-(-samples // batch)):
        sampled = world.sampler.sample(batch, generator)
        truth = sampled.dense(world.entry.features) > 0
        fired = (sae.encode(world.hidden(sampled)) != 0)[:, aligned.latent_of]
        total += _counted(truth[:, :features], fired, _any_child(truth, children))
    return Counts(*total.double())


def absorption_rate(counts: Counts, pairs: Pairs, depths: Int[Tensor, " n"]) -> dict[int, float]:
    """By depth of the parent: share missed where a child is active, minus where none is.

    Parents that were never seen with a child, or never without one, are left out; a depth where
    none is left has no entry.
    """
    parents = pairs.parents.unique()
    active = counts.hits + counts.misses
    alone = active - counts.with_child
    seen = parents[(counts.with_child[parents] > 0) & (alone[parents] > 0)]
    missed = counts.missed_with_child[seen] / counts.with_child[seen]
    usually = (counts.misses - counts.missed_with_child)[seen] / alone[seen]
    return _means(missed - usually, depths[seen])


def recovery_by_band(counts: Counts) -> dict[int, float]:
    """Mean F1 of the features' latents in each band of frequency, 1 the most frequent."""
    f1 = 2 * counts.hits / (2 * counts.hits + counts.false_alarms + counts.misses).clamp(min=1)
    bands = f1.tensor_split(FREQUENCY_BANDS)
    return {place: float(band.mean()) for place, band in enumerate(bands, start=1)}


def _counted(
    truth: Bool[Tensor, "rows features"],
    fired: Bool[Tensor, "rows features"],
    child: Bool[Tensor, "rows features"],
) -> Float[Tensor, "5 features"]:
    missed = truth & ~fired
    kinds = (truth & fired, fired & ~truth, missed, truth & child, missed & child)
    return torch.stack([kind.sum(dim=0) for kind in kinds]).float()


def _any_child(
    truth: Bool[Tensor, "rows n"], children: Int[Tensor, "features most"]
) -> Bool[Tensor, "rows features"]:
    found = torch.zeros(len(truth), len(children), dtype=torch.bool, device=truth.device)
    for column in children.T:
        has = (column >= 0).nonzero().squeeze(1)
        found[:, has] |= truth[:, column[has]]
    return found


def _by_depth(values: Float[Tensor, " pairs"], pairs: Pairs) -> dict[int, float]:
    return _means(values, pairs.depths)


def _means(values: Tensor, depths: Tensor) -> dict[int, float]:
    return {int(depth): float(values[depths == depth].mean()) for depth in depths.unique()}
