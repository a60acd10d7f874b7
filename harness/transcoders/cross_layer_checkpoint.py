"""Training of a cross-layer transcoder between two epochs, as one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from harness.record import HarnessError, write_bytes


class Progress(NamedTuple):
    """How far training is, apart from its weights."""

    epochs: int
    """Done."""
    since: Int[Tensor, "layers n"]
    """Tokens since each latent fired."""
    threshold: Float[Tensor, " layers"]


class Moments(NamedTuple):
    """Weights, Adam's running means of their gradients, and the progress, by name."""

    tensors: dict[str, Tensor]

    @classmethod
    def of(
        cls, parameters: Sequence[nn.Parameter], adam: torch.optim.Adam, progress: Progress
    ) -> "Moments":
        """What stands now; copies nothing."""
        named = {
            "epochs": torch.tensor(progress.epochs),
            "since": progress.since,
            "threshold": progress.threshold,
        }
        for number, parameter in enumerate(parameters):
            named[f"{number}.weight"] = parameter.detach()
            named |= {f"{number}.{key}": each for key, each in adam.state[parameter].items()}
        return cls(named)

    def write(self, path: Path) -> None:
        """Keep it. Raises `HarnessError` where the disk is full."""
        write_bytes(path, save(self.tensors))

    def put_into(self, parameters: Sequence[nn.Parameter], adam: torch.optim.Adam) -> Progress:
        """Set weights and means, and return the progress."""
        for number, parameter in enumerate(parameters):
            parameter.data = self.tensors[f"{number}.weight"]
            adam.state[parameter] = {
                key: self.tensors[f"{number}.{key}"] for key in ("step", "exp_avg", "exp_avg_sq")
            }
        return Progress(
            int(self.tensors["epochs"]), self.tensors["since"], self.tensors["threshold"]
        )


def read_moments(path: Path) -> Moments:
    """What was kept. Raises `HarnessError` for a damaged file."""
    try:
        return Moments(load_file(path))
    except (SafetensorError, OSError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}; remove it to begin anew") from error
