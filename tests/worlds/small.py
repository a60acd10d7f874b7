"""Worlds that are built and sampled in milliseconds, with correlations that show."""

from dataclasses import replace
from typing import Any

import torch
from sae_lens.synthetic import LowRankCorrelationConfig, SyntheticModel, SyntheticModelConfig
from torch import Tensor

from harness.specs.worlds import World
from harness.worlds.build import Built, configuration, make_model
from harness.worlds.world import SyntheticWorld

CORRELATED = LowRankCorrelationConfig(rank=2, correlation_scale=0.5)
"""About half of a feature's variance is shared, where the worlds that are studied share a
quarter."""
CPU = torch.device("cpu")


def entry(**changes: Any) -> World:
    """A small world's sizes; two trees of 85 features and 86 features without a parent."""
    given: dict[str, Any] = {
        "id": "small",
        "features": 256,
        "hidden_dim": 48,
        "roots": 2,
        "width": 64,
        "l0": 4,
        "samples": 4_000,
        "learning_rate": 1e-3,
        "note": "",
    }
    return World(**{**given, **changes})


def config(world: World | None = None, **changes: Any) -> SyntheticModelConfig:
    """The world's configuration with visible correlations; `changes` replace its fields."""
    return replace(configuration(world or entry()), **{"correlation": CORRELATED, **changes})


def opened(
    world: World | None = None, model: SyntheticModel | None = None, vectors: Tensor | None = None
) -> SyntheticWorld:
    """A world ready for use, of this model and with these vectors if they are given."""
    world = world or entry()
    model = model or make_model(configuration(world))
    if vectors is not None:
        model.feature_dict.feature_vectors.data = vectors
    return SyntheticWorld(world, Built(model.requires_grad_(False), "test", "0" * 64), CPU)


def orthonormal(**changes: Any) -> SyntheticWorld:
    """A world without superposition: features are axes of the activations."""
    world = entry(**{"features": 64, "hidden_dim": 64, "roots": 1, **changes})
    return opened(world, vectors=torch.eye(world.features, world.hidden_dim))
