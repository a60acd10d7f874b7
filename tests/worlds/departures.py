"""Two-sample tests of features' activity: how likely is so large a difference by chance.

Each gives a p-value with Bonferroni's correction over what it looks at. Samples are dense features
[rows, n], as SAELens gives them.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from sae_lens.synthetic import SyntheticModel
from scipy.stats import chi2_contingency, ks_2samp, norm
from torch import Tensor

from harness.worlds.structure import Structure

_FREQUENT, _LEAST_SEEN = 24, 100
Departure = Callable[[Tensor, Tensor, Structure], float]


def rates(one: Tensor, other: Tensor, _structure: Structure) -> float:
    """How often each feature fires."""
    return _counts((one > 0).double().sum(0), (other > 0).double().sum(0), len(one))


def pairs(one: Tensor, other: Tensor, _structure: Structure) -> float:
    """How often pairs of frequent features fire together."""
    kept = _frequent(one)
    together = [(each[:, kept] > 0).double() for each in (one, other)]
    first, second = (each.T @ each for each in together)
    return _counts(first.triu(1).view(-1), second.triu(1).view(-1), len(one))


def l0(one: Tensor, other: Tensor, _structure: Structure) -> float:
    """The number of active features of a row, which spreads with what features share."""
    counts = [(each > 0).sum(1).numpy() for each in (one, other)]
    most = int(np.quantile(np.concatenate(counts), 0.99))
    table = np.stack([np.bincount(each.clip(max=most), minlength=most + 1) for each in counts])
    return float(chi2_contingency(table[:, table.sum(0) > 20])[1])


def magnitudes(one: Tensor, other: Tensor, _structure: Structure) -> float:
    """How large frequent features are where they fire."""
    kept = _frequent(one).tolist()
    return _distributions([(_positive(one[:, i]), _positive(other[:, i])) for i in kept])


def growth(one: Tensor, other: Tensor, structure: Structure) -> float:
    """How large children are against their parents."""
    children = [int(i) for i in _frequent(one) if structure.parent[i] >= 0]
    assert len(children) > 5, children
    return _distributions(
        [(_ratio(one, i, structure), _ratio(other, i, structure)) for i in children]
    )


def _frequent(sample: Tensor) -> Tensor:
    return (sample > 0).sum(0).topk(_FREQUENT).indices


def _counts(one: Tensor, other: Tensor, rows: int) -> float:
    seen = one + other >= _LEAST_SEEN
    assert bool(seen.any())
    first, second = one[seen] / rows, other[seen] / rows
    mean = (first + second) / 2
    spread = (2 * mean * (1 - mean) / rows).clamp(min=1e-300).sqrt()
    z = ((first - second).abs() / spread).max()
    return min(float(2 * norm.sf(float(z))) * len(first), 1.0)


def _positive(column: Tensor) -> NDArray[np.float64]:
    return column[column > 0].double().numpy()


def _ratio(sample: Tensor, child: int, structure: Structure) -> NDArray[np.float64]:
    own, parent = sample[:, child], sample[:, structure.parent[child]]
    return (own / parent)[own > 0].double().numpy()


def _distributions(samples: "list[tuple[NDArray[np.float64], NDArray[np.float64]]]") -> float:
    least = min(float(ks_2samp(one, other).pvalue) for one, other in samples)
    return min(least * len(samples), 1.0)


def broken_constraints(sample: Tensor, structure: Structure) -> int:
    """Children without their parent, and exclusive siblings that fire together."""
    active = sample > 0
    has = (structure.parent >= 0).nonzero().squeeze(1)
    orphans = int((active[:, has] & ~active[:, structure.parent[has]]).sum())
    families = structure.children[structure.exclusive]
    siblings = active[:, families.clamp(min=0)] & (families >= 0)
    return orphans + int((siblings.sum(2) - 1).clamp(min=0).sum())


def saelens(model: SyntheticModel, rows: int, seed: int) -> Tensor:
    """Features as SAELens draws them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model.activation_generator.sample(rows)
