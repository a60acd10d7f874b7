"""Linear probes without bias, many fits at once, on activations centred set by set.

A batch of fits shares the rows and differs in which rows train it (`weights`) and in their labels.
Definitions are those of Marks and Tegmark, "The Geometry of Truth", sec. 5, and of their code:
AdamW (learning rate 1e-3, weight decay 0.1), 1,000 full-batch epochs.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

EPOCHS = 1000
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.1
PINV_ATOL = 1e-3


def mass_mean(
    x: Float[Tensor, "rows d"], y: Bool[Tensor, "fits rows"], weights: Float[Tensor, "fits rows"]
) -> Float[Tensor, "fits d"]:
    """Difference of class means, mu+ - mu-. Each class needs a row of positive weight."""
    return _class_mean(x, weights * y) - _class_mean(x, weights * ~y)


def mass_mean_covariance(
    x: Float[Tensor, "rows d"], y: Bool[Tensor, "fits rows"], weights: Float[Tensor, "fits rows"]
) -> Float[Tensor, "fits d"]:
    """The same, tilted by the pseudo-inverse of the covariance within classes."""
    directions = mass_mean(x, y, weights)
    tilted = [
        torch.linalg.pinv(_within(x, labels, weight), hermitian=True, atol=PINV_ATOL) @ direction
        for labels, weight, direction in zip(y, weights, directions, strict=True)
    ]
    return torch.stack(tilted)


def lda(
    x: Float[Tensor, "rows d"], y: Bool[Tensor, "fits rows"], weights: Float[Tensor, "fits rows"]
) -> Float[Tensor, "fits d"]:
    """Linear discriminant: the inverse covariance within classes, shrunk (Ledoit, Wolf 2004)."""
    directions = mass_mean(x, y, weights)
    solved = [
        torch.linalg.solve(_shrunk(_residuals(x, labels, weight)), direction)
        for labels, weight, direction in zip(y, weights, directions, strict=True)
    ]
    return torch.stack(solved)


def logistic_regression(
    x: Float[Tensor, "rows d"],
    y: Bool[Tensor, "fits rows"],
    weights: Float[Tensor, "fits rows"],
    generator: torch.Generator,
) -> Float[Tensor, "fits d"]:
    """Logistic regression as the authors train it; AdamW is elementwise, so fits do not mix."""
    share = weights / weights.sum(1, keepdim=True)
    target = y.to(x.dtype)

    def gradient(directions: Tensor) -> Tensor:
        return ((torch.sigmoid(directions @ x.T) - target) * share) @ x

    return _adamw(gradient, _initial(len(y), x, generator))


def ccs(
    x: Float[Tensor, "pairs d"],
    negated: Float[Tensor, "pairs d"],
    weights: Float[Tensor, "fits pairs"],
    generator: torch.Generator,
) -> Float[Tensor, "fits d"]:
    """Contrast-consistent search (Burns et al. 2023, eq. 1-3); its sign means nothing yet."""
    share = weights / weights.sum(1, keepdim=True)

    def gradient(directions: Tensor) -> Tensor:
        yes, no = torch.sigmoid(directions @ x.T), torch.sigmoid(directions @ negated.T)
        least, consistent = 2 * torch.minimum(yes, no), 2 * (yes + no - 1)
        by_yes = (consistent + least * (yes <= no)) * yes * (1 - yes) * share
        by_no = (consistent + least * (no < yes)) * no * (1 - no) * share
        return by_yes @ x + by_no @ negated

    return _adamw(gradient, _initial(len(weights), x, generator))


def orient(
    directions: Float[Tensor, "fits d"],
    x: Float[Tensor, "rows d"],
    y: Bool[Tensor, "fits rows"],
    weights: Float[Tensor, "fits rows"],
) -> Float[Tensor, "fits d"]:
    """Flip the directions that get fewer than half of their training rows right."""
    right = ((directions @ x.T > 0) == y).to(x.dtype)
    accuracy = (right * weights).sum(1) / weights.sum(1)
    return torch.where(accuracy[:, None] < 0.5, -directions, directions)


def _adamw(gradient: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    directions = nn.Parameter(start)
    optimiser = torch.optim.AdamW([directions], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    with torch.no_grad():
        for _ in range(EPOCHS):
            directions.grad = gradient(directions)
            optimiser.step()
    return directions.detach()


def _initial(fits: int, x: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform in ±1/sqrt(d), as `nn.Linear` starts."""
    d = x.shape[1]
    return (torch.rand(fits, d, generator=generator, dtype=x.dtype) * 2 - 1) / d**0.5


def _class_mean(x: Tensor, weights: Tensor) -> Tensor:
    total = weights.sum(1, keepdim=True)
    assert bool((total > 0).all()), "a class without rows has no mean"
    return (weights @ x) / total


def _within(x: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    residuals = _residuals(x, labels, weight)
    return residuals.T @ residuals / len(residuals)


def _residuals(x: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """Training rows less the mean of their class."""
    kept = weight > 0
    rows, classes = x[kept], labels[kept]
    return torch.cat(
        [rows[classes] - rows[classes].mean(0), rows[~classes] - rows[~classes].mean(0)]
    )


def _shrunk(residuals: Tensor) -> Tensor:
    """Covariance drawn towards a multiple of the identity, as far as its own noise asks."""
    n, d = residuals.shape
    covariance = residuals.T @ residuals / n
    scale = covariance.trace() / d
    distance = (covariance**2).sum() - d * scale**2
    noise = ((residuals**2).sum(1) ** 2).mean() - (covariance**2).sum()
    shrinkage = (noise / n / distance).clamp(0, 1)
    return (1 - shrinkage) * covariance + shrinkage * scale * torch.eye(d, dtype=residuals.dtype)
