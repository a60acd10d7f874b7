"""The same code on a CUDA device, where there is one."""

import pytest
import torch

from harness.saes.evaluation import evaluate
from harness.saes.training import Recipe, train
from harness.specs.sae_bench import Architecture
from harness.specs.worlds import World
from harness.worlds.build import build_world
from harness.worlds.world import SyntheticWorld

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device; training there is not run"
)
SMALL = World(
    id="cuda-test",
    features=512,
    hidden_dim=96,
    roots=4,
    width=128,
    l0=4,
    samples=400_000,
    learning_rate=1e-3,
    note="",
)


@pytest.mark.parametrize(
    "name",
    ["batchtopk", "matryoshka_batchtopk", "topk", "standard", "jumprelu", "matching_pursuit"],
)
def test_an_sae_trained_on_cuda_is_as_good_as_one_trained_on_the_processor(name: str) -> None:
    recipe = Recipe(Architecture(name=name), 128, 4.0, 400_000, 1024, 1e-3, 0)
    built, found = build_world(SMALL), []
    for device in ("cpu", "cuda"):
        world = SyntheticWorld(SMALL, built, torch.device(device))
        sae = train(world, recipe)
        generator = world.generator(0, 9)
        found.append(evaluate(sae, world, samples=50_000, batch=1024, generator=generator))
    for metric in ("latent_f1", "mcc", "sae_variance_explained"):
        assert found[1][metric] == pytest.approx(found[0][metric], abs=0.05)
