"""One direction that separates two classes of activations, by the methods that papers compare.

Every direction points from the class labelled false to the one labelled true. Difference of means
keeps its length, which is what steering adds; the others are unit vectors.
"""

from collections.abc import Callable
from typing import Literal, assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from harness.ops import probes

Method = Literal["mean_difference", "k_means", "pca", "logistic_regression"]
K_MEANS_STARTS = 10
"""k-means ends in a local optimum; the best of so many starts is kept."""
K_MEANS_STEPS = 100

Fit = Callable[[Float[Tensor, "rows d"], Bool[Tensor, " rows"], torch.Generator], Tensor]


def fit_direction(
    method: Method,
    x: Float[Tensor, "rows d"],
    labels: Bool[Tensor, " rows"],
    generator: torch.Generator,
) -> Float[Tensor, " d"]:
    """A direction by any method; both classes must have rows."""
    match method:
        case "mean_difference":
            return mean_difference(x, labels)
        case "k_means":
            return k_means(x, labels, generator)
        case "pca":
            return first_component(x, labels)
        case "logistic_regression":
            return logistic_regression(x, labels)
        case _:
            assert_never(method)


def mean_difference(
    x: Float[Tensor, "rows d"], labels: Bool[Tensor, " rows"]
) -> Float[Tensor, " d"]:
    """Mean of the rows labelled true less mean of the others, not normalised."""
    return probes.mass_mean(x, labels[None], torch.ones(1, len(x), dtype=x.dtype))[0]


def k_means(
    x: Float[Tensor, "rows d"], labels: Bool[Tensor, " rows"], generator: torch.Generator
) -> Float[Tensor, " d"]:
    """Unit vector between the centres of two clusters; labels give the sign and nothing else.

    Lloyd's algorithm from pairs of rows drawn at random. Source: Tigges et al. 2023, K-means.
    """
    runs = [_two_means(x, generator) for _ in range(K_MEANS_STARTS)]
    centres, _ = min(runs, key=lambda run: run[1])
    return _towards(centres[1] - centres[0], x, labels)


def first_component(
    x: Float[Tensor, "rows d"], labels: Bool[Tensor, " rows"]
) -> Float[Tensor, " d"]:
    """First principal component as a unit vector; labels give the sign and nothing else."""
    centred = (x - x.mean(0)).double()
    leading = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -1]
    return _towards(leading.to(x.dtype), x, labels)


def logistic_regression(
    x: Float[Tensor, "rows d"], labels: Bool[Tensor, " rows"]
) -> Float[Tensor, " d"]:
    """Unit normal of logistic regression with intercept, trained to its optimum.

    Rows are centred and brought to a mean length of 1 first, so that the L2 penalty of strength 1
    does not depend on the layer. Not the short training of `probes.logistic_regression`, which
    stops near its random start where classes are far apart.
    """
    from sklearn.linear_model import LogisticRegression

    centred = x.double() - x.double().mean(0)
    scaled = centred / centred.norm(dim=1).mean()
    fitted = LogisticRegression(max_iter=1000).fit(scaled.numpy(), labels.numpy())
    return unit(torch.from_numpy(fitted.coef_[0])).to(x.dtype)


def unit(vector: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
    """The vector at length 1; one of length 0 has no direction, which is an error of ours."""
    length = vector.norm(dim=-1, keepdim=True)
    assert bool((length > 0).all()), "a vector of length 0 has no direction"
    return vector / length


def cosine(first: Float[Tensor, "*batch d"], second: Float[Tensor, "*batch d"]) -> Tensor:
    """Cosine of the angle between two vectors, [*batch]."""
    return (unit(first.double()) * unit(second.double())).sum(-1)


def random_direction(
    like: Float[Tensor, "*batch d"], generator: torch.Generator
) -> Float[Tensor, "*batch d"]:
    """A vector as long as `like` in a direction drawn evenly: the control of every direction."""
    drawn = torch.randn(like.shape, generator=generator, dtype=torch.float32)
    return unit(drawn).to(like) * like.norm(dim=-1, keepdim=True)


def scaled_to_means(
    direction: Float[Tensor, " d"], x: Float[Tensor, "rows d"], labels: Bool[Tensor, " rows"]
) -> Float[Tensor, " d"]:
    """`direction` as long as it takes for the false mean to reach the true mean along it.

    Then a probe scores mu- + theta as it scores mu+ (Marks and Tegmark, sec. 6); the difference of
    means has that length already.
    """
    along = unit(direction)
    return along * (along @ mean_difference(x, labels))


def _two_means(x: Tensor, generator: torch.Generator) -> tuple[Tensor, float]:
    """Centres [2, d] and the sum of squared distances to the nearer one."""
    centres = x[torch.randperm(len(x), generator=generator)[:2]]
    for _ in range(K_MEANS_STEPS):
        nearer = torch.cdist(x, centres).argmin(1)
        if len(nearer.unique()) < 2:
            break
        moved = torch.stack([x[nearer == cluster].mean(0) for cluster in (0, 1)])
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres, float((torch.cdist(x, centres).amin(1) ** 2).sum())


def _towards(direction: Tensor, x: Tensor, labels: Tensor) -> Tensor:
    """Unit vector on the side of the rows labelled true."""
    ahead = direction @ mean_difference(x, labels)
    return unit(direction if float(ahead) >= 0 else -direction)
