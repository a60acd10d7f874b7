"""Random draws of steering experiments, each from a stream of its own."""

import hashlib

import torch
from jaxtyping import Int
from torch import Tensor


def stream(seed: int, purpose: str) -> torch.Generator:
    """A generator for one purpose, the same in every process.

    Torch keeps four bytes of a seed, so the name is hashed down to four.
    """
    hashed = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(hashed[:4]))


def resampled(count: int, seed: int) -> Int[Tensor, " count"]:
    """Which training units a seed fits on: as many as there are, drawn with replacement."""
    return torch.randint(count, (count,), generator=stream(seed, "training units"))


def apart(count: int, *, fraction: float = 0.25) -> list[bool]:
    """Which units are held apart to choose the layer; never reported on, whatever the seed."""
    order = torch.randperm(count, generator=stream(0, "held apart"))
    return (order < max(1, round(fraction * count))).tolist()
