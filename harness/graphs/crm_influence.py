"""How much each source of an attribution matters to the logits.

Owns the sums over paths; the matrix is that of `crm.CrmAttribution`, before pruning. Source: the
circuit-tracing paper's graph pruning (Ameisen et al. 2025, appendix «Graph pruning») and
circuit-tracer's `graph.py`; llamascopium's `compute_intermediates_attribution` is the same sum.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int


class Paths(NamedTuple):
    """Direct effects, and what they lead to. The first K rows are logits, the others features."""

    weights: Float[np.ndarray, "T S"]
    """Row: target; column: source."""
    probabilities: Float[np.ndarray, " K"]
    """Of the logits: how much each counts."""
    columns: Int[np.ndarray, " features"]
    """The column that each feature has as a source."""


def influence(paths: Paths) -> Float[np.ndarray, " S"]:
    """Each source's influence on the logits over all paths: p (N + N² + …), N the shares.

    A target's shares are the absolute weights of its sources, made to sum to 1.
    """
    shares, logits = _shares(paths), len(paths.probabilities)
    step = paths.probabilities @ shares[:logits]
    total = step.copy()
    # Effects go up and forward, so no path is longer than there are features.
    for _ in paths.columns:
        step = step[paths.columns] @ shares[logits:]
        if not step.any():
            break
        total += step
    return total


def cumulative(influences: Float[np.ndarray, " S"]) -> Float[np.ndarray, " S"]:
    """The share of all influence that a source and those above it bear: low is important."""
    order = np.argsort(-influences, kind="stable")
    summed = np.cumsum(influences[order])
    result = np.ones_like(summed)
    if summed[-1] > 0:
        result[order] = np.minimum(summed / summed[-1], 1)
    return result


def replacement_score(influences: Float[np.ndarray, " S"], ends: "Ends") -> float | None:
    """Share of the influence that begins in embeddings, not in errors; None without influence."""
    begins = influences[ends.embeddings].sum()
    total = begins + influences[ends.errors].sum()
    return float(begins / total) if total > 0 else None


def completeness_score(
    paths: Paths, influences: Float[np.ndarray, " S"], ends: "Ends"
) -> float | None:
    """Share of the targets' inputs that are not errors, each weighted by its influence."""
    explained = 1 - _shares(paths)[:, ends.errors].sum(axis=1)
    weight = np.concatenate([paths.probabilities, influences[paths.columns]])
    return float(explained @ weight / weight.sum()) if weight.sum() > 0 else None


class Ends(NamedTuple):
    """Sources that no effect goes to."""

    embeddings: Bool[np.ndarray, " S"]
    errors: Bool[np.ndarray, " S"]


def _shares(paths: Paths) -> Float[np.ndarray, "T S"]:
    absolute = np.abs(paths.weights.astype(np.float64))
    sums = absolute.sum(axis=1, keepdims=True)
    return np.divide(absolute, sums, out=np.zeros_like(absolute), where=sums > 0)
