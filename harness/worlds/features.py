"""The active features of a batch, kept sparse: what a sampler draws and a dictionary turns."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import embedding_bag


class SparseFeatures(NamedTuple):
    """Active features of a batch, row after row."""

    offsets: Int[Tensor, " rows+1"]
    """Where each row begins, and the end."""
    features: Int[Tensor, " active"]
    values: Float[Tensor, " active"]
    """Magnitudes, all above 0."""

    def dense(self, features: int) -> Float[Tensor, "rows n"]:
        """As SAELens gives them."""
        found = self.values.new_zeros(len(self.offsets) - 1, features)
        found[self.rows, self.features] = self.values
        return found

    @property
    def rows(self) -> Int[Tensor, " active"]:
        """The row of each active feature."""
        counts = self.offsets.diff()
        return torch.arange(len(counts), device=counts.device).repeat_interleave(counts)

    def hidden(
        self, vectors: Float[Tensor, "n d"], bias: Float[Tensor, " d"]
    ) -> Float[Tensor, "rows d"]:
        """Activations: the features' vectors, weighted and added up."""
        weighed = embedding_bag(
            self.features,
            vectors,
            self.offsets,
            mode="sum",
            per_sample_weights=self.values,
            include_last_offset=True,
        )
        return weighed + bias
