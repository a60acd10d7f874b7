"""The measuring side of a task: it hands out activations and measures what was trained on them.

It alone holds the truth. Candidates' code never runs here: weights come as safetensors bytes, and
latents as numbers from an encoder that runs elsewhere.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, assert_never

from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.task import ActivationSource, SyntheticSource, Task, Tier

if TYPE_CHECKING:
    from torch import Tensor, device

Draw = Callable[[int], "Tensor"]
"""Called with a number of rows, gives the next training activations `[rows, d_in]`, float32, on
the processor."""
Encode = Callable[["Tensor"], "Tensor"]
"""Activations `[rows, d_in]` to latents `[rows, width]`, finite and not negative; raises
`RunFailed`."""
Progress = Callable[[str, int, int], None]


class Bench(Protocol):
    """One task's."""

    @property
    def d_in(self) -> int:
        """Width of the activations."""
        ...

    def drawing(self, tier: Tier, seed: int) -> Draw:
        """A tier's training activations: for one seed the same, whoever trains on them."""
        ...

    def candidate_seed(self, tier: Tier, seed: int) -> int:
        """What a recipe is handed as its seed, 31 bits: numpy takes no more than 32."""
        ...

    def measure(
        self,
        tier: Tier,
        seed: int,
        weights: bytes,
        encode: Encode,
        again: Encode | None = None,
    ) -> dict[str, float]:
        """Every metric by name, on activations that are the same for one tier and seed.

        `weights` is a safetensors file whose form was checked. `again` encodes as `encode` does, in
        a process that has seen nothing yet: it is asked about some rows once more. Raises
        `RunFailed` where there is no score: `canary`, `l0`, `batch_dependent`,
        `not_deterministic`, `not_finite`.
        """
        ...


class Means(NamedTuple):
    """What a measuring side works with."""

    task: Task
    secret: Secret
    folder: Path
    """What is built or cached lies here: the truth, which cells do not see."""
    device: "device"
    """Where activations are drawn and metrics computed."""
    progress: Progress


def open_bench(task: Task, secret: Secret, folder: Path, device: str, progress: Progress) -> Bench:
    """The measuring side of a task; what is built or cached is kept in `folder`.

    A tier's world or activations are made when they are first asked for. Raises `HarnessError`
    for a device, and then for a model, that is not to be had.
    """
    from harness.models.device import pick_device

    means = Means(task, secret, folder, pick_device(device), progress)
    match task.source:
        case SyntheticSource():
            from harness.autoresearch.scorer.synthetic import SyntheticBench

            return SyntheticBench(means, task.source)
        case ActivationSource():
            from harness.autoresearch.scorer.activations import ActivationBench

            return ActivationBench(means, task.source)
        case _:
            assert_never(task.source)
