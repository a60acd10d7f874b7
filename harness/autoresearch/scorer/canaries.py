"""Features of a world that never fire: only who has seen the truth knows their directions.

They are leaves of the hierarchy among the most frequent features, so that a copy of the dictionary
in its order holds them, and a copy of n of these features misses them with chance (15/16)^n.
"""

from collections.abc import Iterator, Mapping
from math import log, sqrt

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import normalize

from harness.autoresearch.sandbox.place import RunFailed
from harness.worlds.structure import Structure

_ONE_IN = 16
_LEAST_COSINE, _MOST_COSINE = 0.5, 0.9
_BY_CHANCE = 1e-6


def choose(
    structure: Structure, width: int, generator: torch.Generator
) -> Int[Tensor, " canaries"]:
    """One in 16 of the `width` most frequent features, of those that have no children.

    Leaves alone can fall silent without others' doing so, but for siblings that they excluded.
    """
    childless = (structure.children[:width] < 0).all(dim=1).nonzero().squeeze(1)
    wanted = max(width // _ONE_IN, 1)
    assert len(childless) >= wanted, (len(childless), wanted)
    order = torch.randperm(len(childless), generator=generator)
    return childless[order[:wanted]].sort().values


def limit(rows: int, canaries: int, d: int) -> float:
    """The |cosine| that none of `rows` random directions has with a canary but once in a million.

    In d dimensions P(|cos| > t) <= 2 exp(-d t^2 / 2); not below 0.5, for SAEs' directions are not
    random, and not above 0.9, where few dimensions make chance mighty. On synthsae-1k it is 0.5;
    20,000 random directions came to 0.34 at most, other true features to 0.23.
    """
    by_chance = sqrt(2 * log(2 * rows * canaries / _BY_CHANCE) / d)
    return min(max(by_chance, _LEAST_COSINE), _MOST_COSINE)


def require_unknown(
    tensors: Mapping[str, Tensor], canaries: Float[Tensor, "canaries d"], width: int
) -> None:
    """Raises `RunFailed` where a direction of the decoder, or of a tensor of its shape or that
    turned, points along a canary. Lengths do not matter, be they 1e-30."""
    for name, rows in _dictionaries(tensors, (width, canaries.shape[1])):
        unit = normalize(rows.double(), dim=1, eps=1e-300)
        nearest = float((unit @ canaries.cpu().double().T).abs().max())
        most = limit(len(rows), *canaries.shape)
        if nearest > most:
            raise RunFailed(
                "canary",
                f"{name}: a direction with |cosine| {nearest:.2f} to a feature that never fires "
                f"(chance keeps it under {most:.2f})",
            )


def _dictionaries(
    tensors: Mapping[str, Tensor], shape: tuple[int, int]
) -> Iterator[tuple[str, Float[Tensor, "latents d"]]]:
    for name, tensor in tensors.items():
        if tuple(tensor.shape) == shape:
            yield name, tensor.cpu()
        if tuple(tensor.shape) == shape[::-1]:
            yield name, tensor.cpu().T
