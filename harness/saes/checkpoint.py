"""The state of an unfinished training run as one safetensors file: no pickle."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from harness.record import HarnessError, write_bytes
from harness.saes.autotune import Autotuner


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and the numbers beside them."""

    run: str
    """Which run it is of; another's is refused."""
    done: int
    """Steps."""
    threshold: float
    """The last batch's smallest active pre-activation, where the SAE picks by batch."""
    tuner: Autotuner | None
    tensors: dict[str, Tensor]
    """Weights, both moments of Adam, batches since each latent fired, the generator's state."""

    def write(self, path: Path) -> None:
        """Written aside and renamed. Raises `HarnessError` where the disk is full."""
        numbers = {
            "run": self.run,
            "done": self.done,
            "threshold": self.threshold,
            "tuner": None if self.tuner is None else asdict(self.tuner),
        }
        whole = {name: tensor.detach().cpu().contiguous() for name, tensor in self.tensors.items()}
        write_bytes(path, save(whole, metadata={"numbers": json.dumps(numbers)}))

    @classmethod
    def read(cls, path: Path, run: str) -> Self:
        """Raises `HarnessError` for a damaged file, and for one of another run."""
        try:
            with safe_open(path, framework="pt") as file:
                numbers = json.loads((file.metadata() or {}).get("numbers", ""))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            tuner = numbers["tuner"]
            found = cls(
                run=numbers["run"],
                done=numbers["done"],
                threshold=numbers["threshold"],
                tuner=None if tuner is None else Autotuner(**tuner),
                tensors=tensors,
            )
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise HarnessError(f"{path}: damaged; delete it to begin again: {error}") from error
        if found.run != run:
            raise HarnessError(f"{path}: of another run; delete it to begin again")
        return found
