"""Numbers as a graph file holds them."""

import numpy as np
from jaxtyping import Float


def shortest(values: Float[np.ndarray, " n"]) -> list[float]:
    """As Python numbers of the fewest digits that give the same value in the array's dtype."""
    return [float(str(value)) for value in values]
