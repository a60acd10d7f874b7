"""What is planted in an SAE by hand is found, and not where it is not planted."""

from typing import NamedTuple

import pytest
import torch

from harness.saes.alignment import Alignment, align
from harness.saes.diagnosis import (
    Counts,
    Pairs,
    absorption_cosine,
    absorption_rate,
    count,
    family_pairs,
    hedging_cosine,
    recovery_by_band,
)
from harness.specs.sae_bench import DEPTHS
from harness.worlds.world import SyntheticWorld
from tests.saes.planted import WIDTH, absorbing, detector, hedging, perfect, trees

BANDS = range(1, 9)


class Seen(NamedTuple):
    aligned: Alignment
    counts: Counts
    pairs: Pairs
    depths: torch.Tensor

    @property
    def rate(self) -> dict[int, float]:
        return absorption_rate(self.counts, self.pairs, self.depths)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return trees()


def seen(world: SyntheticWorld, kind: str) -> Seen:
    made = {"perfect": perfect, "absorbing": absorbing, "hedging": hedging}[kind](world)
    aligned = align(made, world)
    counts = count(made, aligned, world, samples=20_000, batch=2000, generator=world.generator(0))
    return Seen(aligned, counts, family_pairs(world, WIDTH), world.sampler.structure.depth)


@pytest.fixture(scope="module")
def clean(world: SyntheticWorld) -> Seen:
    return seen(world, "perfect")


@pytest.fixture(scope="module")
def absorbed(world: SyntheticWorld) -> Seen:
    return seen(world, "absorbing")


@pytest.fixture(scope="module")
def hedged(world: SyntheticWorld) -> Seen:
    return seen(world, "hedging")


def test_every_child_is_paired_with_its_parent(clean: Seen) -> None:
    assert clean.pairs.children.tolist() == list(range(4, WIDTH))
    assert clean.pairs.parents[:4].tolist() == [0] * 4
    assert clean.pairs.depths.tolist() == [0] * 16 + [1] * 64 + [2] * 12


def test_planted_absorption_is_found_at_every_depth(absorbed: Seen) -> None:
    assert absorbed.rate.keys() == set(DEPTHS)
    # Parents of children for which the SAE has no latent are missed with those they have only.
    assert absorbed.rate[0] > 0.99
    assert absorbed.rate[1] > 0.99
    assert absorbed.rate[2] > 0.5
    cosines = absorption_cosine(absorbed.aligned, absorbed.pairs)
    assert min(cosines.values()) > 0.5


def test_without_absorption_there_is_none(clean: Seen) -> None:
    assert clean.rate.keys() == set(DEPTHS)
    assert max(map(abs, clean.rate.values())) < 0.01
    for metric in (absorption_cosine, hedging_cosine):
        assert metric(clean.aligned, clean.pairs) == pytest.approx(dict.fromkeys(DEPTHS, 0.0))


def test_planted_hedging_is_found_and_is_no_absorption(hedged: Seen) -> None:
    cosines = hedging_cosine(hedged.aligned, hedged.pairs)
    four = 0.4 / (1 + 4 * 0.4**2) ** 0.5
    assert cosines[0] == pytest.approx(four)
    assert cosines[1] == pytest.approx(four)
    assert cosines[2] > 0.25
    assert absorption_cosine(hedged.aligned, hedged.pairs) == pytest.approx(
        dict.fromkeys(DEPTHS, 0.0)
    )
    assert max(map(abs, hedged.rate.values())) < 0.01


def test_absorption_is_no_hedging(absorbed: Seen) -> None:
    assert hedging_cosine(absorbed.aligned, absorbed.pairs) == pytest.approx(
        dict.fromkeys(DEPTHS, 0.0)
    )


def test_a_latent_that_misses_its_feature_always_alike_is_not_absorbed(
    world: SyntheticWorld,
) -> None:
    dead = detector(world, torch.zeros(WIDTH, 128), world.vectors[:WIDTH])
    aligned = align(dead, world)
    counts = count(dead, aligned, world, samples=4000, batch=2000, generator=world.generator(0))
    pairs = family_pairs(world, WIDTH)
    rates = absorption_rate(counts, pairs, world.sampler.structure.depth)
    assert rates == pytest.approx(dict.fromkeys(rates, 0.0))
    assert recovery_by_band(counts) == dict.fromkeys(BANDS, 0.0)


def test_a_perfect_sae_recovers_features_of_every_frequency(clean: Seen) -> None:
    found = recovery_by_band(clean.counts)
    assert list(found) == list(BANDS)
    assert min(found.values()) > 0.98


def test_absorption_costs_recall_of_parents_and_not_of_the_rarest(absorbed: Seen) -> None:
    found = recovery_by_band(absorbed.counts)
    assert found[1] < 0.9 < found[8]


def test_counts_are_those_of_a_plain_count(world: SyntheticWorld, absorbed: Seen) -> None:
    sampled = world.sampler.sample(2000, world.generator(0))
    truth = sampled.dense(128) > 0
    one = count(
        absorbing(world),
        absorbed.aligned,
        world,
        samples=1,
        batch=2000,
        generator=world.generator(0),
    )
    child = truth[:, 4:8].any(dim=1)
    fired = absorbing(world).encode(world.hidden(sampled))[:, 0] != 0
    root = truth[:, 0]
    expected = [(root & fired), (fired & ~root), (root & ~fired), (root & child)]
    found = (one.hits[0], one.false_alarms[0], one.misses[0], one.with_child[0])
    assert [int(each) for each in found] == [int(each.sum()) for each in expected]
    assert int(one.missed_with_child[0]) == int((root & child & ~fired).sum()) > 100


def test_a_depth_that_was_never_seen_has_no_value() -> None:
    zero = torch.zeros(3, dtype=torch.float64)
    counts = Counts(
        hits=zero + 5, false_alarms=zero, misses=zero, with_child=zero, missed_with_child=zero
    )
    pairs = Pairs(torch.tensor([0]), torch.tensor([1]), torch.tensor([0]))
    assert absorption_rate(counts, pairs, torch.tensor([0, 1, 1])) == {}
    seen_once = counts._replace(with_child=torch.tensor([2.0, 0, 0]).double())
    assert absorption_rate(seen_once, pairs, torch.tensor([0, 1, 1])) == {0: 0.0}
