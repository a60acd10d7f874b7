"""A task on a world that is built in a second, and SAEs for it."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from harness.autoresearch.scorer.bench import open_bench
from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.scorer.synthetic import SyntheticBench
from harness.autoresearch.task import Task, load_task
from harness.specs.worlds import World
from harness.worlds.world import SyntheticWorld

ENTRY = World(
    id="synthsae-tiny",
    features=128,
    hidden_dim=64,
    roots=1,
    width=32,
    l0=2,
    samples=4_000,
    learning_rate=1e-3,
    note="for tests",
)
ANY_L0 = {"low": 0.0, "high": 1e6}


def task(**changes: Any) -> Task:
    """On the small world; fields of the contract are changed by their names."""
    shipped = load_task("synthsae-1k-f1").model_dump()
    contract = {**shipped["contract"], "width": 32, "target_l0": 2.0, "l0": ANY_L0}
    own = {name: changes.pop(name) for name in list(changes) if name in contract}
    source = {"kind": "synthetic", "world": ENTRY.id}
    given = {"source": source, "eval_samples": 3_000, "contract": {**contract, **own}}
    return Task.model_validate({**shipped, **given, **changes})


def untold(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def not_again(*_given: object, **_named: object) -> None:
    """Stands where what was kept must be found."""
    raise AssertionError("made again")


def opened_bench(folder: Path, secret_seed: int = 0, **changes: Any) -> SyntheticBench:
    secret = Secret.draw(secret_seed)
    made = open_bench(task(**changes), secret, folder, "cpu", untold)
    assert isinstance(made, SyntheticBench)
    return made


class Linear:
    """Latents are projections on directions, less a threshold."""

    def __init__(self, directions: Tensor, bias: Tensor, threshold: float = 2.0) -> None:
        self.directions, self.bias, self.threshold = directions, bias, threshold

    @property
    def weights(self) -> bytes:
        return save({"W_dec": self.directions.contiguous(), "b_dec": self.bias.contiguous()})

    def encode(self, x: Tensor) -> Tensor:
        return torch.relu((x - self.bias) @ self.directions.T - self.threshold)


def honest(world: SyntheticWorld) -> Linear:
    """What training can find at best: true features but the silent ones."""
    fire = [i for i in range(world.entry.features) if i not in world.silent]
    return Linear(world.vectors[fire[: world.entry.width]], world.bias)


def copied(world: SyntheticWorld) -> Linear:
    """The dictionary in its own order."""
    return Linear(world.vectors[: world.entry.width], world.bias)


def random_rows(world: SyntheticWorld, seed: int = 0) -> Linear:
    """Directions of chance."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(world.entry.width, world.entry.hidden_dim, generator=generator)
    return Linear(torch.nn.functional.normalize(rows, dim=1), world.bias)
