"""Encoding by a recipe in a cell of its own: activations go in, checked latents come out."""

import struct
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.latents import dense_latents, latents_bytes
from harness.autoresearch.sandbox.place import Place, RunFailed
from harness.autoresearch.sandbox.protocol import HEADER, WEIGHTS
from harness.autoresearch.sandbox.running import Running
from harness.autoresearch.sandbox.starting import Start, started
from harness.autoresearch.sandbox.weights import checked_weights, decoder_inputs
from harness.autoresearch.task import Contract

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

Encode = Callable[["Tensor"], "Tensor"]
_SEED = 0
_DAY_SECONDS = 86_400.0
"""What the scorer does between two frames takes its own time."""


@contextmanager
def encoder_in_cell(
    place: Place, candidate: Candidate, contract: Contract, *, weights: bytes, device: str
) -> Generator[Encode]:
    """A function from activations `[rows, d]` float32 to latents `[rows, width]`, finite and >= 0.

    All calls together may wait `contract.encode_seconds`. Entering and calling raise `RunFailed`,
    entering `HarnessError` too where no cell can be had.
    """
    d_in = decoder_inputs(weights)
    start = Start(
        mode="encode",
        candidate=candidate,
        contract=contract,
        device=device,
        d_in=d_in,
        seed=_SEED,
        files={WEIGHTS: checked_weights(weights, contract, d_in)},
        seconds=_DAY_SECONDS,
    )
    with started(place, start) as running:
        yield _Encoder(running, contract, d_in)


class _Encoder:
    def __init__(self, running: Running, contract: Contract, d_in: int) -> None:
        self._running, self._width, self._d_in = running, contract.width, d_in
        self._seconds = self._left = contract.encode_seconds

    def __call__(self, x: "Float[Tensor, 'rows d']") -> "Float[Tensor, 'rows width']":
        rows, d_in = x.shape
        assert d_in == self._d_in, (d_in, self._d_in)
        assert str(x.dtype) == "torch.float32", x.dtype
        began = time.monotonic()
        self._running.allow(self._left, of=self._seconds)
        self._ask(x)
        latents = self._answer(rows)
        self._left -= time.monotonic() - began
        return latents

    def _ask(self, x: "Tensor") -> None:
        frame = struct.pack("<q", len(x)) + x.contiguous().numpy().tobytes()
        self._running.send(memoryview(frame))

    def _answer(self, rows: int) -> "Tensor":
        told, active = struct.unpack(HEADER, self._running.receive(struct.calcsize(HEADER)))
        if told != rows or not 0 <= active <= rows * self._width:
            raise self._running.failed("malformed", "its answer does not fit the activations")
        content = self._running.receive(latents_bytes(rows, active))
        try:
            return dense_latents(content, rows, self._width)
        except RunFailed as wrong:
            raise self._running.failed(wrong.cause, wrong.message) from wrong
