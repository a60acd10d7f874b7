"""Shares of a whole, such as how much of a logit difference a patch brings back."""

from jaxtyping import Float
from torch import Tensor

from harness.record import HarnessError


def ratio_scores(
    part: Float[Tensor, "*batch unit"], whole: Float[Tensor, "*#batch unit"]
) -> Float[Tensor, "*batch unit"]:
    """One score a unit whose mean is mean(part) / mean(whole), and whose spread is the ratio's.

    A mean of ratios runs away where one unit's whole is near zero; a ratio of means does not. Its
    scores are linearised: R + (part - R whole) / mean(whole) (Woodruff 1971, JASA 66:411), so that
    their variance is the delta-method variance of R. Raises `HarnessError` for a whole
    of mean zero.
    """
    mean = whole.double().mean(-1, keepdim=True)
    if bool((mean == 0).any()):
        raise HarnessError("a share of nothing: the whole is zero on average")
    ratio = part.double().mean(-1, keepdim=True) / mean
    return ratio + (part.double() - ratio * whole.double()) / mean
