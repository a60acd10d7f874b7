"""Training activations of a world in the order of their draw, a block of them ahead of use."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from jaxtyping import Float
from torch import Tensor

from harness.worlds.world import SyntheticWorld

_CELLS = 1 << 23
"""Rows times features that are drawn together."""


class Drawing:
    """Gives rows of one endless stream; how many are asked for at a time does not change it.

    Not for more than one thread at a time.
    """

    def __init__(self, world: SyntheticWorld, generator: torch.Generator) -> None:
        self._world, self._generator = world, generator
        self._rows = max(_CELLS // world.entry.features, 1)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._next = self._ahead()
        self._left = torch.empty(0, world.entry.hidden_dim)

    def __call__(self, rows: int) -> Float[Tensor, "rows d"]:
        """The next ones, float32, on the processor."""
        return torch.cat(list(self._pieces(rows)))

    def _pieces(self, rows: int) -> Iterator[Tensor]:
        missing = rows
        while missing > len(self._left):
            missing -= len(self._left)
            yield self._left
            self._left, self._next = self._next.result(), self._ahead()
        piece, self._left = self._left.split([missing, len(self._left) - missing])
        yield piece

    def _ahead(self) -> Future[Tensor]:
        return self._thread.submit(_draw, self._world, self._rows, self._generator)


def _draw(world: SyntheticWorld, rows: int, generator: torch.Generator) -> Tensor:
    return world.draw(rows, generator).cpu()
