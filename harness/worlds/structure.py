"""What fires when in a world, as tensors that a sampler can gather from.

A feature without parent fires where its Gaussian, correlated with the others' through a factor of
low rank, exceeds a threshold. A child can fire only where its parent does; of siblings that fire
together one, at random, goes on. SAELens (`sae_lens.synthetic`) owns the definition.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from sae_lens.synthetic import HierarchyNode, SyntheticModel
from torch import Tensor

from harness.record import HarnessError


class Structure(NamedTuple):
    """Tensors of one world, the features numbered from the most frequent."""

    factor: Float[Tensor, "n rank"]
    """What a feature's Gaussian shares with the others'; rank 0 where nothing is shared."""
    noise: Float[Tensor, " n"]
    """Standard deviation of what is its own."""
    threshold: Float[Tensor, " n"]
    mean: Float[Tensor, " n"]
    std: Float[Tensor, " n"]
    """Of a feature's magnitude where it fires, before it is cut at 0."""
    parent: Int[Tensor, " n"]
    """-1: none."""
    depth: Int[Tensor, " n"]
    """0 for roots and for features outside of the hierarchy."""
    children: Int[Tensor, "n most"]
    """-1 fills rows of features with fewer children, or none."""
    exclusive: Bool[Tensor, " n"]
    """Whether at most one of a feature's children is active."""
    scaled: Bool[Tensor, " n"]
    """Whether a feature's children scale with its magnitude over its mean."""

    @property
    def free(self) -> Int[Tensor, " free"]:
        """Features that can fire whatever else does."""
        return (self.parent < 0).nonzero().squeeze(1)

    def silenced(self, features: Sequence[int]) -> "Structure":
        """The same world but that these features, and so what is below them, never fire."""
        threshold = self.threshold.clone()
        threshold[list(features)] = torch.inf
        return self._replace(threshold=threshold)

    def to(self, device: torch.device) -> "Structure":
        """The same on another device."""
        return Structure(*(tensor.to(device) for tensor in self))


class _Family(NamedTuple):
    feature: int
    parent: int
    depth: int
    node: HierarchyNode


def structure_of(model: SyntheticModel) -> Structure:
    """The tensors of a SAELens model.

    Raises `HarnessError` for what the sampler does not know: a dense correlation matrix, nodes of
    the hierarchy that are no features.
    """
    generator = model.activation_generator
    if generator.correlation_matrix is not None:
        raise HarnessError("a world with a dense correlation matrix; valid: low rank, or none")
    count = generator.num_features
    factor, noise = generator.low_rank_correlation or (torch.zeros(count, 0), torch.ones(count))
    families = list(_families(model.hierarchy.roots if model.hierarchy else ()))
    parent, depth = torch.full((count,), -1), torch.zeros(count, dtype=torch.long)
    exclusive, scaled = torch.zeros(2, count, dtype=torch.bool)
    most = max((len(each.node.children) for each in families), default=0)
    children = torch.full((count, most), -1)
    for feature, above, level, node in families:
        parent[feature], depth[feature] = above, level
        exclusive[feature] = node.mutually_exclusive_children
        scaled[feature] = node.scale_children_by_parent
        own = torch.tensor([child.feature_index for child in node.children], dtype=torch.long)
        children[feature, : len(own)] = own
    return Structure(
        factor=factor.cpu(),
        noise=noise.cpu(),
        threshold=sqrt(2) * torch.erfinv(1 - 2 * generator.firing_probabilities.cpu()),
        mean=generator.mean_firing_magnitudes.cpu(),
        std=generator.std_firing_magnitudes.cpu(),
        parent=parent,
        depth=depth,
        children=children,
        exclusive=exclusive,
        scaled=scaled,
    )


def _families(
    nodes: Sequence[HierarchyNode], parent: int = -1, depth: int = 0
) -> Iterator[_Family]:
    for node in nodes:
        if node.feature_index is None:
            raise HarnessError("a node of the hierarchy is no feature; such worlds are not known")
        yield _Family(node.feature_index, parent, depth, node)
        yield from _families(node.children, node.feature_index, depth + 1)
