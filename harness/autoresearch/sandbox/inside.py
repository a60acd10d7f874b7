"""Runs a recipe: the one program in its cell. The harness trusts nothing that it says.

Argument: `train` or `encode`; the working folder holds `recipe.py`, `knobs.yaml`, `contract.json`
and two pipes. The first byte of the answers says that no line of the recipe has run yet and
everything else is there: the time counts from then.

In `encode`, a frame of activations is its number of rows (8 bytes, little-endian) and rows of
float32; the answer is rows and active latents (8 bytes each), the number active in each row, their
indices (int32 both) and values (float32), row by row.
"""

import importlib.util
import json
import os
import random
import resource
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file, save
from torch import Tensor

from harness.autoresearch.sandbox.protocol import (
    ACTIVATIONS,
    ANSWERS,
    CONTRACT,
    HEADER,
    MALFORMED,
    MEMORY,
    READY,
    WEIGHTS,
)

Knobs = Mapping[str, bool | int | float | str]
_MEMORY_WORDS = ("can't allocate memory", "out of memory", "Cannot allocate memory")


@dataclass(frozen=True)
class Contract:
    """What a recipe is told of its task."""

    width: int
    samples: int
    target_l0: float
    seconds: float
    device: str


class Stream:
    """Training activations, each handed out once."""

    def __init__(self, end: int, d_in: int, contract: Contract) -> None:
        self.d_in = d_in
        self.left = contract.samples
        """Samples not taken yet."""
        self._end = end
        self._device = contract.device

    def take(self, rows: int) -> Tensor:
        """The next ones, `[rows, d_in]` float32: fewer rows at the end, none after it."""
        count = min(max(rows, 0), self.left)
        taken = torch.empty(count, self.d_in)
        _fill(self._end, taken)
        self.left -= count
        return taken.to(self._device)


class Malformed(Exception):
    """The recipe gave back what it must not."""


def main() -> int:
    """Exit code."""
    os.dup2(1, 2)  # one log, in the order of what is printed
    sys.dont_write_bytecode = True
    given = json.loads(Path(CONTRACT).read_text())
    contract = Contract(**given["contract"])
    torch.set_num_threads(1)
    activations = os.open(ACTIVATIONS, os.O_RDONLY)
    answers = os.open(ANSWERS, os.O_WRONLY)
    _bound_memory(given["memory_bytes"])
    os.write(answers, READY)
    random.seed(given["seed"])
    np.random.seed(given["seed"])
    torch.manual_seed(given["seed"])
    recipe, knobs = _recipe(), _knobs()
    if sys.argv[1] == "train":
        stream = Stream(activations, given["d_in"], contract)
        _write(recipe.train(stream, contract, knobs, given["seed"]))
    else:
        weights = load_file(WEIGHTS, device=contract.device)
        encode = cast("Callable[[Tensor, Mapping[str, Tensor], Knobs], Tensor]", recipe.encode)
        with torch.no_grad():
            while True:
                x = _frame(activations, given["d_in"]).to(contract.device)
                _answer(answers, encode(x, weights, knobs), (len(x), contract.width))
    return 0


def _bound_memory(most_bytes: int | None) -> None:
    """Address space beyond what Python and torch have taken; no process can raise it again."""
    if most_bytes is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + most_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _recipe() -> Any:
    spec = importlib.util.spec_from_file_location("recipe", Path("recipe.py").resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["recipe"] = module
    spec.loader.exec_module(module)
    return module


def _knobs() -> Knobs:
    declared = YAML(typ="safe", pure=True).load(Path("knobs.yaml").read_text(encoding="utf-8"))
    return {name: knob["value"] for name, knob in (declared or {}).items()}


def _write(weights: object) -> None:
    if not isinstance(weights, dict) or not all(isinstance(w, Tensor) for w in weights.values()):
        raise Malformed("train returns a dict of tensors")
    tensors = cast("dict[str, Tensor]", weights)
    alone = {name: each.detach().to("cpu").clone() for name, each in tensors.items()}
    Path(WEIGHTS).write_bytes(save({k: v.contiguous() for k, v in alone.items()}))


def _frame(end: int, d_in: int) -> Tensor:
    header = torch.empty(1, dtype=torch.int64)
    _fill(end, header)
    x = torch.empty(int(header), d_in)
    _fill(end, x)
    return x


def _answer(end: int, latents: object, shape: tuple[int, int]) -> None:
    if not isinstance(latents, Tensor) or tuple(latents.shape) != shape:
        got = tuple(latents.shape) if isinstance(latents, Tensor) else type(latents).__name__
        raise Malformed(f"encode returns latents of shape {shape}, not {got}")
    dense = latents.detach().to("cpu", torch.float32)
    active = dense != 0
    counts = active.sum(1, dtype=torch.int32).numpy()
    indices = active.nonzero()[:, 1].to(torch.int32).numpy()
    values = dense[active].numpy()
    _send(end, struct.pack(HEADER, shape[0], len(values)))
    for part in (counts, indices, values):
        _send(end, part.tobytes())


def _fill(end: int, tensor: Tensor) -> None:
    if not tensor.numel():
        return
    view = tensor.numpy().data.cast("B")
    while view:
        got = os.readv(end, [view])
        if got == 0:
            raise EOFError("the activations have ended")
        view = view[got:]


def _send(end: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(end, view) :]


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, (RuntimeError, OSError)) and any(
        words in str(error) for words in _MEMORY_WORDS
    )


def _leave(code: int) -> NoReturn:
    """At once: no thread that the recipe has begun is waited for."""
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        _code = main()
    except BaseException as error:  # whatever it is, it ends here and the exit code tells it
        traceback.print_exc()
        _code = MEMORY if _is_memory(error) else MALFORMED if isinstance(error, Malformed) else 1
    _leave(_code)
