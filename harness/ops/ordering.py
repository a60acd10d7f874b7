"""The order of small whole numbers."""

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor


def stable_order(keys: Int[Tensor, " m"], below: int) -> Int[Tensor, " m"]:
    """Places of the keys in ascending order, equal ones as they stand; keys lie under `below`.

    On a processor numpy's radix sort of 16-bit numbers is several times quicker than torch's.
    """
    if keys.device.type != "cpu" or below > np.iinfo(np.int16).max:
        return keys.argsort(stable=True)
    return torch.from_numpy(np.argsort(keys.to(torch.int16).numpy(), kind="stable"))
