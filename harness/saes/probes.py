"""Supervised probes: how well a linear detector can find the true features at all.

One logistic regression a feature, for the most frequent ones, all trained together by Adam on
fresh samples, its rate falling to nothing. How the paper's probes were trained is not published.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from harness.saes.processor import keep_freed_memory
from harness.worlds.world import SyntheticWorld

_RATE = 0.01
_BATCH = 1024

Told = Callable[[int, int], None]


def train_probes(
    world: SyntheticWorld,
    *,
    features: int,
    samples: int,
    generator: torch.Generator,
    told: Told = lambda _done, _total: None,
) -> nn.Linear:
    """Probes for the `features` most frequent features; a feature is said to be on above 0."""
    keep_freed_memory()
    probes = nn.Linear(world.entry.hidden_dim, features, device=world.device)
    nn.init.zeros_(probes.weight)
    nn.init.constant_(probes.bias, -3.0)
    steps = max(samples // _BATCH, 1)
    adam = torch.optim.Adam(probes.parameters(), lr=_RATE)
    fall = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, total_iters=steps)
    for step in range(steps):
        sampled = world.sampler.sample(_BATCH, generator)
        truth = (sampled.dense(world.entry.features)[:, :features] > 0).float()
        logits = probes(world.hidden(sampled))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
        adam.zero_grad()
        (loss / _BATCH).backward()
        adam.step()
        fall.step()
        told(step + 1, steps)
    return probes.requires_grad_(requires_grad=False)


@torch.no_grad()
def probe_f1(
    probes: nn.Linear, world: SyntheticWorld, *, samples: int, generator: torch.Generator
) -> Float[Tensor, " features"]:
    """F1 of each probe over fresh samples; 0 for a probe that is never right."""
    features = probes.out_features
    hits, said, true = torch.zeros(3, features, device=world.device)
    for _ in range(-(-samples // _BATCH)):
        sampled = world.sampler.sample(_BATCH, generator)
        truth = sampled.dense(world.entry.features)[:, :features] > 0
        on = probes(world.hidden(sampled)) > 0
        hits += (on & truth).sum(dim=0)
        said += on.sum(dim=0)
        true += truth.sum(dim=0)
    return 2 * hits / (said + true).clamp(min=1)
