"""The sampler draws from SAELens' distribution; each test would notice a planted departure."""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from sae_lens.synthetic import SyntheticModel
from torch import Tensor

from harness.worlds import sampler
from harness.worlds.build import make_model
from harness.worlds.sampler import Sampler
from harness.worlds.structure import Structure, structure_of
from tests.worlds.departures import (
    Departure,
    broken_constraints,
    growth,
    l0,
    magnitudes,
    pairs,
    rates,
    saelens,
)
from tests.worlds.small import config, entry

ROWS = 60_000
EVERY = (rates, pairs, l0, magnitudes, growth)
BY_CHANCE, NOTICED = 1e-3, 1e-5
KINDS = {
    "everything": {},
    "no hierarchy": {"hierarchy": None},
    "no correlation": {"correlation": None},
    "neither": {"hierarchy": None, "correlation": None},
}


@cache
def model(kind: str = "everything") -> SyntheticModel:
    world = entry(features=128, hidden_dim=8, roots=1)
    return make_model(config(world, orthogonalization=None, **KINDS[kind]))


@cache
def theirs(kind: str = "everything") -> Tensor:
    return saelens(model(kind), ROWS, seed=1)


def ours(structure: Structure, rows: int = ROWS, seed: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return Sampler(structure).sample(rows, generator).dense(128)


def departures(kind: str, found: Tensor) -> dict[str, float]:
    s = structure_of(model(kind))
    tests = EVERY if model(kind).hierarchy else EVERY[:-1]
    return {test.__name__: test(found, theirs(kind), s) for test in tests}


@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_distributed_as_saelens_draws_them(kind: str) -> None:
    found = departures(kind, ours(structure_of(model(kind))))
    assert min(found.values()) > BY_CHANCE, found


def test_saelens_own_samples_pass_the_same_tests() -> None:
    found = departures("everything", saelens(model(), ROWS, seed=3))
    assert min(found.values()) > BY_CHANCE, found


def rarer(s: Structure) -> Structure:
    chance = torch.special.ndtr(-s.threshold) * 0.95
    return s._replace(threshold=-torch.special.ndtri(chance))


def uncorrelated(s: Structure) -> Structure:
    return s._replace(factor=torch.zeros_like(s.factor), noise=torch.ones_like(s.noise))


def half_correlated(s: Structure) -> Structure:
    factor = s.factor * 0.7
    return s._replace(factor=factor, noise=(1 - factor.square().sum(1)).sqrt())


def never_exclusive(s: Structure) -> Structure:
    return s._replace(exclusive=torch.zeros_like(s.exclusive))


def never_scaled(s: Structure) -> Structure:
    return s._replace(scaled=torch.zeros_like(s.scaled))


def larger(s: Structure) -> Structure:
    return s._replace(mean=s.mean + 0.1 * s.std)


@pytest.mark.parametrize(
    ("planted", "noticed_by"),
    [
        (rarer, rates),
        (uncorrelated, pairs),
        (uncorrelated, l0),
        (half_correlated, pairs),
        (half_correlated, l0),
        (never_exclusive, rates),
        (never_exclusive, pairs),
        (never_scaled, growth),
        (never_scaled, magnitudes),
        (larger, magnitudes),
    ],
)
def test_a_planted_departure_is_noticed(
    planted: Callable[[Structure], Structure], noticed_by: Departure
) -> None:
    s = structure_of(model())
    assert noticed_by(ours(planted(s)), theirs(), s) < NOTICED


def test_children_fire_with_their_parent_only_and_exclusive_siblings_never_together() -> None:
    s = structure_of(model())
    assert broken_constraints(ours(s), s) == broken_constraints(theirs(), s) == 0
    assert broken_constraints(ours(never_exclusive(s), rows=2000), s) > 100
    free = structure_of(model("no hierarchy"))
    assert broken_constraints(ours(free, rows=2000), s) > 100


@pytest.mark.parametrize(("reach", "common"), [(0.0, 0.3), (0.3, 0.3), (2.5, 50.0), (2.5, 0.0)])
def test_the_distribution_does_not_depend_on_where_cells_are_drawn_singly(
    monkeypatch: pytest.MonkeyPatch, reach: float, common: float
) -> None:
    monkeypatch.setattr(sampler, "_REACH", reach)
    monkeypatch.setattr(sampler, "_COMMON", common)
    s = structure_of(model("no hierarchy"))
    made = Sampler(s)
    shared = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))
    beyond = made._levels(shared)[1]
    assert (len(beyond) > 20_000) == (reach < 1 and common > 0), "the control"
    found = departures("no hierarchy", ours(s))
    assert min(found.values()) > BY_CHANCE, found


def test_ignoring_what_lies_beyond_the_bound_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampler, "_REACH", 1.0)
    levels = Sampler._levels
    monkeypatch.setattr(
        Sampler, "_levels", lambda self, shared: (levels(self, shared)[0], torch.tensor([]).long())
    )
    s = structure_of(model("no hierarchy"))
    assert rates(ours(s), theirs("no hierarchy"), s) < NOTICED


def test_a_generator_fixes_the_samples_and_another_gives_others() -> None:
    s = structure_of(model())
    assert torch.equal(ours(s, rows=50), ours(s, rows=50))
    assert not torch.equal(ours(s, rows=50), ours(s, rows=50, seed=3))


def test_rows_drawn_one_at_a_time_fire_as_often() -> None:
    s = structure_of(model())
    generator, drawn = torch.Generator().manual_seed(0), Sampler(s)
    alone = torch.cat([drawn.sample(1, generator).dense(128) for _ in range(2000)])
    assert rates(alone, theirs()[:2000], s) > BY_CHANCE
    assert broken_constraints(alone, s) == 0


def test_active_features_stand_row_after_row_each_once() -> None:
    found = Sampler(structure_of(model())).sample(500, torch.Generator().manual_seed(0))
    assert found.offsets[0] == 0
    assert found.offsets[-1] == len(found.features) == len(found.values)
    assert bool((found.rows.diff() >= 0).all())
    cells = found.rows * 128 + found.features
    assert len(cells.unique()) == len(cells)
    assert bool((found.values > 0).all())


def test_a_feature_that_always_fires_does() -> None:
    s = structure_of(model("neither"))
    threshold = s.threshold.clone()
    threshold[3] = -torch.inf
    always = s._replace(threshold=threshold, mean=s.mean + 10)
    assert bool((ours(always, rows=1000)[:, 3] > 0).all())
    assert not bool((ours(s, rows=1000)[:, 3] > 0).all())
