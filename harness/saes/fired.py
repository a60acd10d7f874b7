"""What a training step tells of a batch."""

from typing import NamedTuple

from jaxtyping import Bool
from torch import Tensor


class Fired(NamedTuple):
    """The activity of an SAE on one batch."""

    latents: Bool[Tensor, " latents"]
    """Which latents were active in some row."""
    l0: float
    """Mean active latents a row."""
