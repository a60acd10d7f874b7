import pytest
import torch

from harness.saes.alignment import MAP_CELLS, align
from harness.worlds.world import SyntheticWorld
from tests.saes.planted import WIDTH as EVERY
from tests.saes.planted import detector, perfect, trees
from tests.worlds.small import entry, opened

WIDTH = MAP_CELLS


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return trees()


def test_each_feature_has_its_own_latent_however_they_are_ordered(world: SyntheticWorld) -> None:
    order = torch.randperm(WIDTH, generator=torch.Generator().manual_seed(0))
    true = world.vectors[:WIDTH][order]
    aligned = align(detector(world, true, -3 * true), world)
    assert torch.equal(order[aligned.latent_of], torch.arange(WIDTH))
    torch.testing.assert_close(aligned.cosines.amin(dim=0), -torch.ones(WIDTH))


def test_the_map_of_a_true_dictionary_is_its_diagonal_whatever_the_order(
    world: SyntheticWorld,
) -> None:
    order = torch.randperm(WIDTH, generator=torch.Generator().manual_seed(0))
    true = world.vectors[:WIDTH][order]
    found = align(detector(world, true, true), world).map()
    torch.testing.assert_close(found, torch.eye(MAP_CELLS))


def test_a_cell_of_the_map_holds_the_largest_of_its_block() -> None:
    world = opened(entry(features=192, hidden_dim=192), vectors=torch.eye(192))
    true = world.vectors[:96].clone()
    true[95] = 0.6 * world.vectors[95] - 0.8 * world.vectors[0]
    found = align(detector(world, true, true), world).map()
    # The last latent is most like feature 0, so it stands with latent 0.
    ordered = true[[0, 95, *range(1, 95)], :96].abs()
    expected = [
        [float(ordered[i : i + 2, j : j + 2].max()) for j in range(0, 96, 2)]
        for i in range(0, 96, 2)
    ]
    torch.testing.assert_close(found, torch.tensor(expected))
    assert float(found[0, 47]) == pytest.approx(0.6)


def test_an_untrained_sae_has_no_diagonal(world: SyntheticWorld) -> None:
    noise = torch.randn(EVERY, 128, generator=torch.Generator().manual_seed(0))
    assert float(align(detector(world, noise, noise), world).map().diagonal().mean()) < 0.6
    assert float(align(perfect(world), world).map().diagonal().mean()) > 0.999
