import pytest
import torch
from torch import Tensor, nn

from harness.saes.probes import probe_f1, train_probes
from harness.worlds.features import SparseFeatures
from harness.worlds.world import SyntheticWorld
from tests.worlds.small import orthonormal

FEATURES, SAMPLES = 16, 150_000


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return orthonormal()


@pytest.fixture(scope="module")
def trained(world: SyntheticWorld) -> nn.Linear:
    return train_probes(world, features=FEATURES, samples=SAMPLES, generator=world.generator(0))


def f1(probes: nn.Linear, world: SyntheticWorld) -> Tensor:
    return probe_f1(probes, world, samples=20_000, generator=world.generator(1))


def test_without_superposition_probes_find_nearly_everything(
    trained: nn.Linear, world: SyntheticWorld
) -> None:
    found = f1(trained, world)
    assert found.shape == (FEATURES,)
    assert float(found.mean()) > 0.97


def test_probes_trained_on_shuffled_labels_find_no_more_than_chance(
    world: SyntheticWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = SparseFeatures.dense
    with monkeypatch.context() as patched:
        patched.setattr(SparseFeatures, "dense", lambda self, n: dense(self, n).roll(1, 0))
        shuffled = train_probes(
            world, features=FEATURES, samples=SAMPLES // 5, generator=world.generator(0)
        )
    rate = (world.sampler.sample(20_000, world.generator(1)).dense(64) > 0).float().mean(0)
    # Saying always yes gives 2p / (1 + p), the most that chance can.
    chance = 2 * rate[:FEATURES] / (1 + rate[:FEATURES])
    assert bool((f1(shuffled, world) <= chance + 0.02).all())


def test_probes_of_other_features_do_worse(trained: nn.Linear, world: SyntheticWorld) -> None:
    others = nn.Linear(64, FEATURES)
    with torch.no_grad():
        others.weight.copy_(trained.weight.roll(1, 0))
        others.bias.copy_(trained.bias.roll(1, 0))
    assert float(f1(others, world).mean()) < 0.5


def test_a_probe_that_never_says_yes_has_f1_zero(world: SyntheticWorld) -> None:
    silent = nn.Linear(64, FEATURES)
    nn.init.zeros_(silent.weight)
    nn.init.constant_(silent.bias, -1.0)
    assert f1(silent, world).tolist() == [0.0] * FEATURES


def test_f1_is_what_the_planted_detector_earns(world: SyntheticWorld) -> None:
    planted = nn.Linear(64, FEATURES)
    with torch.no_grad():
        planted.weight.copy_(world.vectors[:FEATURES])
        planted.bias.copy_(-world.vectors[:FEATURES] @ world.bias - 1e-4)
        planted.weight[0] = 0
        planted.bias[0] = 1.0
    found = f1(planted, world)
    assert float(found[1:].min()) > 0.99
    rate = float(
        (world.sampler.sample(20_000, world.generator(1)).dense(64)[:, 0] > 0).float().mean()
    )
    assert float(found[0]) == pytest.approx(2 * rate / (1 + rate), abs=0.02)


def test_progress_tells_every_step_and_a_seed_gives_the_same_probes(world: SyntheticWorld) -> None:
    told: list[tuple[int, int]] = []
    one, other = (
        train_probes(
            world,
            features=4,
            samples=3072,
            generator=world.generator(0),
            told=lambda done, total: told.append((done, total)),
        )
        for _ in range(2)
    )
    assert told[:3] == [(1, 3), (2, 3), (3, 3)]
    assert torch.equal(one.weight, other.weight)
