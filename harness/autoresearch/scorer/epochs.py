"""Training activations that are kept: epoch after epoch, each in an order of its own."""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor


class Epochs:
    """Gives rows of one endless stream; how many are asked for at a time does not change it."""

    def __init__(self, rows: Float[Tensor, "rows d"], generator: torch.Generator) -> None:
        self._rows, self._generator = rows, generator
        self._order = torch.empty(0, dtype=torch.long)

    def __call__(self, rows: int) -> Float[Tensor, "rows d"]:
        """The next ones, float32."""
        return self._rows[torch.cat(list(self._places(rows)))].float()

    def _places(self, rows: int) -> Iterator[Int[Tensor, " rows"]]:
        missing = rows
        while missing > len(self._order):
            missing -= len(self._order)
            yield self._order
            self._order = torch.randperm(len(self._rows), generator=self._generator)
        yield self._order[:missing]
        self._order = self._order[missing:]
