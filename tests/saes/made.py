"""SAEs and samples for tests, in double precision where gradients are compared."""

import copy
from typing import Any

import torch
from torch import Tensor

from harness.saes.architectures import AnySAE, Scale, make_sae
from harness.saes.training import Recipe
from harness.specs.sae_bench import Architecture

SMALL = Scale(d_in=12, d_sae=40, l0=3.0, steps=30)


def architecture(name: str, **config: Any) -> Architecture:
    return Architecture.model_validate({"name": name, "config": config})


def sae_of(name: str, scale: Scale = SMALL, **config: Any) -> AnySAE:
    """An SAE in double precision with weights of unequal norms, as after some training."""
    sae = make_sae(architecture(name, dtype="float64", **config), scale, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in sae.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.add_(0.3 * noise)
    return sae


def samples(rows: int = 50, d_in: int = SMALL.d_in, seed: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, d_in, generator=generator, dtype=torch.float64) * 3


def twin(sae: AnySAE) -> AnySAE:
    return copy.deepcopy(sae)


def recipe(name: str, **changes: Any) -> Recipe:
    given: dict[str, Any] = {
        "architecture": architecture(name),
        "width": 64,
        "l0": 4.0,
        "samples": 4_000,
        "batch": 64,
        "learning_rate": 1e-3,
        "seed": 0,
    }
    return Recipe(**{**given, **changes})
