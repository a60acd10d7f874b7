"""How much of one node's influence on another in an attribution graph goes through given nodes."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from harness.record import HarnessError


def path_share(
    adjacency: Float[ndarray, "nodes nodes"], source: int, target: int, through: Sequence[int]
) -> float:
    """Share of the influence of `source` on `target` that is gone without the nodes `through`.

    Influence is summed over all paths, each the product of its edges' shares in their target's
    incoming absolute weights (Ameisen et al. 2025, "Circuit Tracing", on graph pruning). Row:
    target, column: source of an edge; the graph must have no cycle. Raises `HarnessError` where
    `source` has no influence at all.
    """
    shares = np.abs(adjacency).astype(np.float64)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    whole = _influence(shares, source, target)
    if whole == 0:
        raise HarnessError(f"node {source} has no influence on node {target}")
    shares[list(through)] = 0
    return 1 - _influence(shares, source, target) / whole


def _influence(shares: Float[ndarray, "nodes nodes"], source: int, target: int) -> float:
    reached, total = shares[target], 0.0
    for _ in range(len(shares)):
        total += float(reached[source])
        reached = reached @ shares
        if not reached.any():
            return total
    raise AssertionError("the graph has a cycle")
