"""Nearly orthogonal vectors, at the cost of their dimension squared and not their number squared.

The loss of SAELens' `orthogonalize_embeddings` over unit vectors e_1 … e_N, the rows of E,

    sum_{i != j} (e_i . e_j)^2 + N sum_i (|e_i|^2 - 1)^2,

needs all N^2 products. Since |E E^T|_F = |E^T E|_F, its gradient

    4 E (E^T E) - 4 |e_i|^2 e_i + 4 N (|e_i|^2 - 1) e_i

needs only the D x D Gram matrix: O(N D^2) a step instead of O(N^2 D), and no N x N memory.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Progress = Callable[[int, int], None]


def orthogonalize(
    vectors: Float[Tensor, "n d"],
    *,
    steps: int,
    learning_rate: float,
    progress: Progress = lambda _done, _total: None,
) -> Float[Tensor, "n d"]:
    """Unit vectors [n, d] after `steps` of Adam on the loss above, begun at `vectors`."""
    rows = torch.nn.Parameter(_unit(vectors.detach()))
    optimizer = torch.optim.Adam([rows], lr=learning_rate)
    for step in range(steps):
        rows.grad = crowding_gradient(rows.detach())
        optimizer.step()
        progress(step + 1, steps)
    return _unit(rows.detach())


def crowding_gradient(rows: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """Gradient of the loss above with respect to E."""
    squared = rows.square().sum(dim=1, keepdim=True)
    own = 4 * len(rows) * (squared - 1) - 4 * squared
    return torch.addmm(own * rows, rows, rows.T @ rows, alpha=4)


def _unit(rows: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    return rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-8)
