"""The smallest contract, recipes as texts, and a run of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import torch
from safetensors.torch import save
from torch import Tensor

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.encoding import Encode, encoder_in_cell
from harness.autoresearch.sandbox.place import Place
from harness.autoresearch.sandbox.training import Trained, train_in_cell
from harness.autoresearch.task import Band, Contract
from harness.isolation import Rung

D_IN, WIDTH, SAMPLES = 16, 8, 4_096
KNOBS = "learning_rate: {value: 1e-3, low: 1e-4, high: 1e-2}\nmode: {value: a, choices: [a, b]}\n"
TRAIN = """
import os, sys, time, torch

def train(stream, contract, knobs, seed):
    start = torch.Generator().manual_seed(seed)
    decoder = torch.randn(contract.width, stream.d_in, generator=start)
    while len(x := stream.take(1000)):
        latents = (x @ decoder.T).relu()
        decoder += knobs["learning_rate"] * (latents.T @ (x - latents @ decoder / 100)) / len(x)
    return {"W_dec": decoder, "b_dec": torch.zeros(stream.d_in)}
"""
ENCODE = """
def encode(x, weights, knobs):
    return ((x - weights["b_dec"]) @ weights["W_dec"].T - 1).relu()
"""
WRITES = "    return {'W_dec': torch.ones(contract.width, stream.d_in)}\n"


def contract(**changes: object) -> Contract:
    given = {
        "width": WIDTH,
        "samples": SAMPLES,
        "l0": Band(low=1, high=8),
        "target_l0": 3,
        "learning_rate": Band(low=1e-4, high=1e-2),
        "parameters": 4 * WIDTH * D_IN,
        "code_lines": 100,
        "seconds": 30,
        "encode_seconds": 30,
        "memory_gib": 0.5,
    }
    return Contract.model_validate(given | changes)


def training(body: str) -> Candidate:
    """A recipe whose `train` does this."""
    head = "import os, sys, time, torch\n\ndef train(stream, contract, knobs, seed):\n"
    return Candidate(code=head + indented(body) + ENCODE, knobs=KNOBS)


def encoding(body: str) -> Candidate:
    """A recipe whose `encode` does this."""
    head = "import os, sys, time, torch\n\ndef encode(x, weights, knobs):\n"
    return Candidate(code=head + indented(body), knobs=KNOBS)


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())


def place(tmp_path: Path, rung: Rung, *hidden: Path) -> Place:
    return Place(rung, tmp_path / "run", (tmp_path / "campaign", *hidden))


class Activations:
    """A fixed stream that counts what was asked of it."""

    def __init__(self) -> None:
        self.rows = torch.randn(SAMPLES, D_IN, generator=torch.Generator().manual_seed(0))
        self.drawn = 0

    def __call__(self, rows: int) -> Tensor:
        self.drawn += rows
        return self.rows[self.drawn - rows : self.drawn]


def trained(where: Place, candidate: Candidate, held_to: Contract | None = None) -> Trained:
    return train_in_cell(
        where,
        candidate,
        held_to or contract(),
        seed=7,
        device="cpu",
        d_in=D_IN,
        draw=Activations(),
    )


def weights() -> bytes:
    decoder = torch.randn(WIDTH, D_IN, generator=torch.Generator().manual_seed(1))
    return save({"W_dec": decoder, "b_dec": torch.full((D_IN,), 0.1)})


@contextmanager
def encoder(
    where: Place, candidate: Candidate, held_to: Contract | None = None
) -> Iterator[Encode]:
    with encoder_in_cell(
        where, candidate, held_to or contract(), weights=weights(), device="cpu"
    ) as encode:
        yield encode
