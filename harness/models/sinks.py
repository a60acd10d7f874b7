"""Attention sinks: positions whose activation says nothing of the text and dwarfs all others.

In SmolLM2 the first token's residual stream has norm 25,000 in layers 14 to 26, every other token's
150 to 500. A mean over positions that counts it in *is* the first token's activation, and a vector
added there moves every head that rests on it. So no direction is fitted on a sink and none is added
to one.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.record import HarnessError

OUTLIER = 10.0
"""A sink's norm is more than this many times the median norm of its prompt. In SmolLM2 ordinary
tokens stand at most 5 times above it. The first token is a sink whatever its norm: in layer 10 that
is no larger than the others', though four layers later it is 150 times as large."""


def sink_mask(
    resid: Float[Tensor, "batch seq d"], positions: Int[Tensor, "batch seq"] | None = None
) -> Bool[Tensor, "batch seq"]:
    """Which positions are sinks: the first of each text, and outliers of the norm.

    `positions` counts each token within its own text and is negative for padding, which counts as
    sink; without it every row is a text from its first token.
    """
    if positions is None:
        positions = torch.arange(resid.shape[1], device=resid.device).expand(resid.shape[:2])
    norms = resid.float().norm(dim=-1)
    known = norms.masked_fill(positions < 0, float("nan"))
    outlier = norms > OUTLIER * known.nanmedian(1, keepdim=True).values
    return (positions <= 0) | outlier


def mean_without_sinks(
    resid: Float[Tensor, "batch seq d"], positions: Int[Tensor, "batch seq"] | None = None
) -> Float[Tensor, "batch d"]:
    """Mean over the positions of each text that are no sinks; each text needs one."""
    kept = ~sink_mask(resid, positions)
    count = kept.sum(1, keepdim=True)
    assert bool((count > 0).all()), "a text of sinks alone has no mean"
    return (resid * kept[..., None]).sum(1) / count


def require_ordinary(rows: Float[Tensor, "row d"], what: str) -> Float[Tensor, "row d"]:
    """The rows that a direction is to be fitted on, one a text, if none of them is a sink.

    Raises `HarnessError` where the norm of one is an outlier among them.
    """
    norms = rows.float().norm(dim=-1)
    sinks = int((norms > OUTLIER * norms.median()).sum())
    if sinks:
        raise HarnessError(f"{what}: {sinks} of {len(rows)} activations are attention sinks")
    return rows
