"""What every part of one experiment works with, and graphs as it makes them."""

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from harness.circuits.attributing import Pruning, Traced, trace
from harness.circuits.replacement import Replacement
from harness.experiments.context import Context
from harness.models.language_model import LanguageModel
from harness.specs import CircuitTracingSpec
from harness.transcoders.sets import TranscoderSet


@dataclass(frozen=True)
class Bench:
    """One spec with the model, its transcoders, and the surroundings."""

    spec: CircuitTracingSpec
    replacement: Replacement
    transcoders: TranscoderSet
    """The set whose latents are nodes."""
    context: Context

    @property
    def lm(self) -> LanguageModel:
        """The original model."""
        return self.replacement.lm

    @property
    def pruning(self) -> Pruning:
        """As the spec wants graphs."""
        spec = self.spec
        return Pruning(spec.max_features, spec.node_threshold, spec.edge_threshold)

    def trace(self, tokens: Int[Tensor, " seq"]) -> Traced:
        """The graph of one prompt."""
        return trace(self.replacement, tokens, self.pruning)


def generator(seed: int, *more: int) -> torch.Generator:
    """A source of draws; other numbers, other draws."""
    mixed = seed + 1
    for number in more:
        mixed = (mixed * 1_000_003 + number + 1) % 2**63
    return torch.Generator().manual_seed(mixed)
