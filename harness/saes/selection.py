"""Which latents are active: those that add most to the reconstruction, of a row or of a batch.

What a latent adds is its pre-activation times the norm of its decoder row. Exact but for ties, and
quicker than sorting everything: what is well below the last batch's threshold cannot be among the
largest, so only the rest is looked at.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.ops.places import places

_CAUTION = 0.9
"""Times the last threshold: what is above is looked at. Rounding to bfloat16 moves a pre-activation
by a few thousandths of it."""


def row_topk(
    pre: Float[Tensor, "rows latents"], norms: Float[Tensor, " latents"], k: int
) -> Int[Tensor, " active"]:
    """Flat places, ascending, of the k largest of each row, as far as they are above 0."""
    top = (pre * norms).topk(k, dim=1, sorted=False)
    first = torch.arange(0, pre.numel(), pre.shape[1], device=pre.device)
    found = (top.indices + first[:, None])[top.values > 0]
    return found.sort().values


class BatchTopK:
    """Picks the largest of a batch; remembers their threshold as a guess for the next batch."""

    def __init__(self, k: float) -> None:
        self.k = k
        self.threshold = 0.0
        """Smallest value picked last; 0 before the first batch."""

    def candidates(
        self, pre: Float[Tensor, "rows latents"], norms: Float[Tensor, " latents"]
    ) -> Int[Tensor, " near"]:
        """Flat places, ascending, with all that can be among the k times `rows` largest."""
        near = places(pre > (self.threshold * _CAUTION / norms).to(pre.dtype))
        if len(near) < int(self.k * len(pre)) and self.threshold > 0:
            return places(pre > 0)
        return near

    def settle(self, added: Float[Tensor, " near"], rows: int) -> Bool[Tensor, " near"]:
        """Which of the candidates, given what each adds, are the k times `rows` largest above 0."""
        wanted = int(self.k * rows)
        above = added[added > 0]
        if len(above) > wanted:
            above = above.topk(wanted, sorted=False).values
        self.threshold = float(above.min()) if len(above) else 0.0
        return (added >= self.threshold) & (added > 0)
