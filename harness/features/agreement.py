"""How much two features have to do with each other. Pure."""

import numpy as np
from jaxtyping import Float


def correlation(
    left: Float[np.ndarray, " token"], right: Float[np.ndarray, " token"]
) -> float | None:
    """Pearson's r over the same tokens; `None` where either never varies, as one that never fires.

    Source: Bricken et al. 2023, "Towards Monosemanticity", which matches features of two
    dictionaries by the correlation of their activations.
    """
    if left.min() == left.max() or right.min() == right.max():
        return None
    one, other = (each.astype(np.float64) - each.mean(dtype=np.float64) for each in (left, right))
    scale = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.clip(one @ other / scale, -1, 1))


def cosine(left: Float[np.ndarray, " d"], right: Float[np.ndarray, " d"]) -> float | None:
    """Cosine of two directions; `None` where either has no length."""
    one, other = left.astype(np.float64), right.astype(np.float64)
    scale = np.linalg.norm(one) * np.linalg.norm(other)
    return None if scale == 0 else float(np.clip(one @ other / scale, -1, 1))
