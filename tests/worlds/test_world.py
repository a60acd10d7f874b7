import pytest
import torch

from harness.worlds import build, world
from harness.worlds.world import SyntheticWorld, open_world
from tests.worlds.small import CPU, entry, opened


@pytest.fixture(scope="module")
def small() -> SyntheticWorld:
    return opened()


def test_activations_are_the_features_times_their_vectors_plus_the_bias(
    small: SyntheticWorld,
) -> None:
    sampled = small.sampler.sample(200, small.generator(0))
    dense = sampled.dense(256)
    expected = small.built.model.feature_dict(dense)
    torch.testing.assert_close(small.hidden(sampled), expected, rtol=1e-4, atol=1e-4)
    assert float((expected - small.bias).abs().max()) > 1, "the control: something fired"
    assert bool((dense[dense != 0] > 0).all())
    assert int((dense > 0).sum()) == len(sampled.features)


def test_samples_depend_on_every_seed_and_on_their_order(small: SyntheticWorld) -> None:
    seeds = [(0,), (1,), (0, 0), (0, 1), (1, 0), (2, 1)]
    drawn = [small.draw(20, small.generator(*each)).sum().item() for each in seeds]
    assert len(set(drawn)) == len(seeds)
    assert drawn == [small.draw(20, small.generator(*each)).sum().item() for each in seeds]


def test_a_batch_of_one_row_is_a_batch(small: SyntheticWorld) -> None:
    generator = small.generator(0)
    drawn = torch.cat([small.draw(1, generator) for _ in range(50)])
    assert drawn.shape == (50, 48)
    assert len(drawn.unique(dim=0)) > 25, "the control: samples differ, where anything fires"


def test_a_world_is_opened_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    built = opened().built
    monkeypatch.setattr(world, "build_world", lambda *_, **__: built)
    found = open_world(entry(), CPU)
    assert found.built is built
    assert found.vectors.shape == (256, 48)
    torch.testing.assert_close(
        build.largest_cosines(found.vectors).max(),
        found.vectors.matmul(found.vectors.T).fill_diagonal_(0).abs().max(),
    )
