"""Geometry of clouds of activations: principal components, angles, area under the ROC curve."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class Projection(NamedTuple):
    """Coordinates on the leading principal components."""

    xy: Float[Tensor, "rows components"]
    explained: Float[Tensor, " components"]
    """Fraction of the total variance on each."""


def principal_components(x: Float[Tensor, "rows d"], components: int = 2) -> Projection:
    """PCA of the centred rows. The sign of a component is fixed: its largest weight is positive."""
    centred = (x - x.mean(0)).double()
    values, vectors = torch.linalg.eigh(centred.T @ centred)
    leading = vectors[:, -components:].flip(1)
    largest = leading.gather(0, leading.abs().argmax(0, keepdim=True))
    leading = leading * largest.sign()
    explained = values[-components:].flip(0) / values.sum()
    return Projection((centred @ leading).float(), explained.float())


def angle_degrees(first: Float[Tensor, "*batch d"], second: Float[Tensor, "*batch d"]) -> Tensor:
    """Angle between directions, 0 to 180 degrees."""
    cosine = torch.nn.functional.cosine_similarity(first.double(), second.double(), dim=-1)
    return torch.rad2deg(torch.arccos(cosine.clamp(-1, 1)))


def threshold_accuracy(scores: Float[Tensor, " rows"], labels: Bool[Tensor, " rows"]) -> float:
    """Accuracy of the best threshold on a score, either side of it being true.

    Equal scores lie on one side: a constant score gets the share of the larger class.
    """
    order = scores.argsort()
    truth, ordered = labels[order].double(), scores[order]
    below = torch.cat([torch.zeros(1), truth.cumsum(0)])
    count = torch.arange(len(truth) + 1)
    right = below + (len(truth) - count) - (truth.sum() - below)
    cuts = torch.ones(len(right), dtype=torch.bool)
    cuts[1:-1] = ordered[1:] > ordered[:-1]
    right = right[cuts]
    return float(torch.maximum(right, len(truth) - right).max() / len(truth))


class Auroc(NamedTuple):
    """Area under the ROC curve with its standard error."""

    value: float
    stderr: float | None


def auroc(
    scores: Float[Tensor, " rows"], labels: Bool[Tensor, " rows"], units: Int[Tensor, " rows"]
) -> Auroc:
    """AUROC over rows that are dependent within `units` (Obuchowski 1997, Biometrics 53:567).

    `stderr` is `None` with fewer than two units.
    """
    true, false = scores[labels], scores[~labels]
    over_false = _share_below(true, false)
    under_true = 1 - _share_below(false, true)
    value = float(over_false.mean())
    count = int(units.max()) + 1
    parts = torch.zeros(count, dtype=torch.float64)
    parts.index_add_(0, units[labels].long(), (over_false - value) / len(true))
    parts.index_add_(0, units[~labels].long(), (under_true - value) / len(false))
    if count < 2:
        return Auroc(value, None)
    return Auroc(value, float((count / (count - 1) * (parts**2).sum()) ** 0.5))


def _share_below(scores: Tensor, others: Tensor) -> Tensor:
    """For each score, the fraction of `others` under it, ties counting half."""
    ordered = others.sort().values
    lower = torch.searchsorted(ordered, scores.contiguous(), side="left")
    upper = torch.searchsorted(ordered, scores.contiguous(), side="right")
    return (lower + upper).double() / (2 * len(others))
