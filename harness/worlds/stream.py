"""Batches of activations, drawn ahead of their use.

On a processor a thread of its own draws, so that sampling and training overlap; the batches and
their order depend on the generator alone.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import Full, Queue
from threading import Event, Thread
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from harness.worlds.world import SyntheticWorld

_AHEAD = 8
"""Batches that may lie ready."""
_CELLS = 1 << 22
"""Rows times features that are drawn together: small worlds take several batches at once."""
_PATIENCE_SECONDS = 0.2


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
    drawn = _drawn(world, rows, generator)
    if generator.device.type != "cpu":
        yield drawn
        return
    ready: Queue[Batch | BaseException] = Queue(_AHEAD)
    stop = Event()
    thread = Thread(target=_fill, args=(ready, stop, drawn), daemon=True)
    thread.start()
    try:
        yield _taken(ready)
    finally:
        stop.set()
        thread.join()


def _drawn(world: SyntheticWorld, rows: int, generator: torch.Generator) -> Iterator[Batch]:
    together = min(max(_CELLS // (rows * world.entry.features), 1), _AHEAD)
    while True:
        *parts, last = world.draw(rows * together, generator).split(rows)
        yield from (Batch(part, None) for part in parts)
        yield Batch(last, generator.get_state())


def _fill(ready: "Queue[Batch | BaseException]", stop: Event, drawn: Iterator[Batch]) -> None:
    try:
        for batch in drawn:
            if not _put(ready, stop, batch):
                return
    except BaseException as error:
        _put(ready, stop, error)


def _put(ready: "Queue[Batch | BaseException]", stop: Event, item: Batch | BaseException) -> bool:
    while not stop.is_set():
        try:
            ready.put(item, timeout=_PATIENCE_SECONDS)
        except Full:
            continue
        return True
    return False


def _taken(ready: "Queue[Batch | BaseException]") -> Iterator[Batch]:
    while True:
        item = ready.get()
        if isinstance(item, BaseException):
            raise item
        yield item
