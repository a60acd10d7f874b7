"""Activations whose sparse code is known, recipes that take seconds, and sets written from them."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from harness.specs.transcoders import CorpusPart, TranscoderRecipe
from harness.transcoders.training import Pairs

D, FEATURES, ACTIVE = 24, 20, 3


def recipe(**changes: Any) -> TranscoderRecipe:
    """Of transcoders with twice as many latents as there are features, and their very k."""
    return TranscoderRecipe.model_validate(
        {
            "id": "planted",
            "model": "smollm2-135m-instruct",
            "latents": 2 * FEATURES,
            "k": ACTIVE,
            "corpus": (CorpusPart(source="facts", tokens=1),),
            "epochs": 25,
            "batch": 256,
            "learning_rate": 1e-2,
            "note": "a test's",
            **changes,
        }
    )


def tiny_recipe(model: Path, **changes: Any) -> TranscoderRecipe:
    """Of the tiny random Llama, on a few sentences."""
    return recipe(
        **{
            "id": "tiny",
            "model": f"path:{model}",
            "corpus": (CorpusPart(source="facts", tokens=3_000),),
            "window": 24,
            "epochs": 3,
            "batch": 128,
            **changes,
        }
    )


class Planted(NamedTuple):
    """What MLPs read and write, and the directions of the features that they read."""

    pairs: list[Pairs]
    features: Tensor
    """[layers, features, d], orthonormal in each layer."""


def one_layer(tokens: int = 4_000, seed: int = 0) -> Pairs:
    """An MLP that writes a direction of its own for each of the few features that it reads.

    Scales and means are those of no normalised activation.
    """
    return cross_layer(tokens, seed, layers=1).pairs[0]


def cross_layer(tokens: int = 4_000, seed: int = 0, *, layers: int = 3) -> Planted:
    """Features of layer 0 write to the first layer and to the last; all others to their own."""
    generator = torch.Generator().manual_seed(seed)
    structure = torch.Generator().manual_seed(99)
    features = torch.stack([_orthonormal(structure)[:FEATURES] for _ in range(layers)])
    writes = torch.randn(layers, FEATURES, D, generator=structure)
    far = torch.randn(FEATURES, D, generator=structure)
    codes = torch.stack([_code(tokens, generator) for _ in range(layers)])
    x = codes @ features * 0.3 + 2
    y = codes @ writes * 5 - 7
    if layers > 1:
        y[-1] += codes[0] @ far * 5
    return Planted([Pairs(*each) for each in zip(x, y, strict=True)], features)


def _code(tokens: int, generator: torch.Generator) -> Tensor:
    """Exactly `ACTIVE` features at each token, of strength 1 to 2."""
    chosen = torch.rand(tokens, FEATURES, generator=generator).topk(ACTIVE, dim=1).indices
    strength = 1 + torch.rand(tokens, ACTIVE, generator=generator)
    return torch.zeros(tokens, FEATURES).scatter(1, chosen, strength)


def _orthonormal(generator: torch.Generator) -> Tensor:
    return torch.linalg.qr(torch.randn(D, D, generator=generator)).Q
