"""Batches of activations, drawn ahead of their use.

On a processor a thread of its own draws, so that sampling and training overlap; the batches and
their order depend on the generator alone.
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from harness.worlds.world import SyntheticWorld

_CELLS = 1 << 22
"""Rows times features that are drawn together: small worlds take several batches at once."""
_MOST_TOGETHER = 8
_AHEAD = 2
"""Draws that may lie ready or be in hand."""


class Batch(NamedTuple):
    """Activations and how to go on behind them."""

    hidden: Float[Tensor, "rows d"]
    state: UInt8[Tensor, " bytes"] | None
    """Of the generator, behind this batch; `None` between batches that were drawn together."""


@contextmanager
def batches(
    world: SyntheticWorld, rows: int, generator: torch.Generator
) -> Generator[Iterator[Batch]]:
    """An endless iterator of batches of `rows`. What sampling raises is raised where it is asked.

    The generator is the iterator's own until the end.
    """
    if generator.device.type != "cpu":
        yield _each(world, rows, generator)
        return
    drawing = ThreadPoolExecutor(max_workers=1)
    try:
        yield _ahead(drawing, world, rows, generator)
    finally:
        drawing.shutdown(cancel_futures=True)


def _each(world: SyntheticWorld, rows: int, generator: torch.Generator) -> Iterator[Batch]:
    while True:
        yield from _draw(world, rows, generator)


def _ahead(
    drawing: ThreadPoolExecutor, world: SyntheticWorld, rows: int, generator: torch.Generator
) -> Iterator[Batch]:
    waiting = deque(drawing.submit(_draw, world, rows, generator) for _ in range(_AHEAD))
    while True:
        ready = waiting.popleft().result()
        waiting.append(drawing.submit(_draw, world, rows, generator))
        yield from ready


def _draw(world: SyntheticWorld, rows: int, generator: torch.Generator) -> list[Batch]:
    together = min(max(_CELLS // (rows * world.entry.features), 1), _MOST_TOGETHER)
    *parts, last = world.draw(rows * together, generator).split(rows)
    return [*(Batch(part, None) for part in parts), Batch(last, generator.get_state())]
