"""What steering does to a residual stream: add a vector, or change the component along a direction.

Pure; where nothing is asked for, the very tensor that came in goes out, so that a run with
coefficient 0 is a run without a hook, bit for bit. Directions are unit vectors.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def add(
    resid: Float[Tensor, "batch seq d"],
    vector: Float[Tensor, "*#batch_seq d"],
    coefficient: float,
    mask: Bool[Tensor, "batch seq"],
) -> Float[Tensor, "batch seq d"]:
    """`coefficient` times `vector` added where `mask` is true.

    The vector is [d], or [seq, d] with one for each position.
    """
    if coefficient == 0:
        return resid
    return torch.where(mask[..., None], resid + coefficient * vector.to(resid), resid)


def ablate(
    resid: Float[Tensor, "batch seq d"],
    direction: Float[Tensor, " d"],
    mask: Bool[Tensor, "batch seq"],
    *,
    mean: float = 0.0,
) -> Float[Tensor, "batch seq d"]:
    """The component along `direction` set to `mean` where `mask` is true."""
    along = component(resid, direction)
    return _moved(resid, direction, mean - along, mask)


def project(
    resid: Float[Tensor, "batch seq d"],
    direction: Float[Tensor, " d"],
    mask: Bool[Tensor, "batch seq"],
) -> Float[Tensor, "batch seq d"]:
    """Nothing but the component along `direction` kept where `mask` is true."""
    kept = component(resid, direction)[..., None] * direction.to(resid)
    return torch.where(mask[..., None], kept, resid)


def swap(
    resid: Float[Tensor, "batch seq d"],
    other: Float[Tensor, "batch seq d"],
    direction: Float[Tensor, " d"],
    mask: Bool[Tensor, "batch seq"],
) -> Float[Tensor, "batch seq d"]:
    """The component along `direction` taken from `other` where `mask` is true.

    Directional activation patching (Tigges et al. 2023, sec. 2.3): everything at a right angle to
    the direction stays.
    """
    return _moved(resid, direction, component(other - resid, direction), mask)


def component(
    resid: Float[Tensor, "*rows d"], direction: Float[Tensor, " d"]
) -> Float[Tensor, "*rows"]:
    """Length along a unit vector, in the residual stream's own units."""
    return resid @ direction.to(resid)


def _moved(resid: Tensor, direction: Tensor, by: Tensor, mask: Tensor) -> Tensor:
    """Each position moved along `direction`, where `mask` is true."""
    moved = resid + by[..., None] * direction.to(resid)
    return torch.where(mask[..., None], moved, resid)
