"""Training of a recipe in a cell: activations go in, checked weights come out."""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.place import Place, RunFailed
from harness.autoresearch.sandbox.protocol import WEIGHTS
from harness.autoresearch.sandbox.starting import Start, started
from harness.autoresearch.sandbox.weights import read_weights
from harness.autoresearch.task import Contract

if TYPE_CHECKING:
    from torch import Tensor

_BLOCK_BYTES = 2**24
"""Of activations that are drawn at once, while the block before is on its way."""
_FLOAT_BYTES = 4


class Trained(NamedTuple):
    """What came out of a training."""

    weights: bytes
    """A safetensors file that keeps the contract."""
    log: str
    """The end of what the recipe printed, harmless to read."""
    seconds: float
    """From the recipe's first line."""
    taken: int
    """Samples that it took."""


def _quiet(_done: int, _total: int) -> None:
    return


def train_in_cell(
    place: Place,
    candidate: Candidate,
    contract: Contract,
    *,
    seed: int,
    device: str,
    d_in: int,
    draw: Callable[[int], "Tensor"],
    told: Callable[[int, int], None] = _quiet,
) -> Trained:
    """Train it on at most `contract.samples` activations.

    `draw(rows)` gives float32 `[rows, d_in]` on the CPU, is called in one thread beside this one,
    and ahead of use; `told(given, samples)` hears how many have been given. Raises `RunFailed`
    where there are no weights that keep the contract, `HarnessError` where no cell can be had;
    whatever `draw` raises ends the run and comes out.
    """
    start = Start("train", candidate, contract, device, d_in, seed, {}, contract.seconds)
    with _drawn(draw, contract.samples, d_in) as blocks, started(place, start) as running:
        began = time.monotonic()
        running.allow(contract.seconds)
        given = 0
        for block in blocks:
            if not running.send(block.numpy().data.cast("B")):
                break
            given += len(block)
            told(given, contract.samples)
        running.join()
        seconds = time.monotonic() - began
        taken = running.sent_bytes // (_FLOAT_BYTES * d_in)
    try:
        weights = read_weights(place.folder / WEIGHTS, contract, d_in)
    except RunFailed as failed:
        raise RunFailed(failed.cause, failed.message, running.log) from failed
    return Trained(weights, running.log, seconds, taken)


@contextmanager
def _drawn(
    draw: Callable[[int], "Tensor"], samples: int, d_in: int
) -> Generator[Iterator["Tensor"]]:
    """Blocks of activations, each drawn while the one before is on its way."""
    rows = max(_BLOCK_BYTES // (_FLOAT_BYTES * d_in), 1)
    sizes = [min(rows, samples - start) for start in range(0, samples, rows)]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(draw, sizes[0])

        def blocks() -> Iterator["Tensor"]:
            ahead = first
            for size, following in zip_longest(sizes, sizes[1:]):
                block = ahead.result()
                assert tuple(block.shape) == (size, d_in), (block.shape, size, d_in)
                if following is not None:
                    ahead = pool.submit(draw, following)
                yield block.contiguous()

        yield blocks()
