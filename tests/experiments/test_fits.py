"""Scores of rows whose group trained the fit, and of rows whose group did not: a planted leak."""

from typing import Any

import pytest
import torch
from torch import Tensor

from harness.data.statements import Statement, StatementSet
from harness.experiments.probing import fits
from harness.experiments.probing.rows import Rows, Split, split_rows
from harness.ops import probes
from harness.specs import Probe, ProbingSpec

D, UNITS = 300, 60
SEEDS = (0, 1)


def statements(name: str = "cities", flip: bool = False) -> StatementSet:
    """Two true and two false statements a unit."""
    found = [
        Statement(
            f"{name} {unit} {label} {copy}", label, f"u{unit}", None, f"{unit}{label != flip}{copy}"
        )
        for unit in range(UNITS)
        for label in (True, False)
        for copy in (0, 1)
    ]
    return StatementSet(name=name, source="generated", statements=tuple(found))


def split_by(kind: str, *sets: StatementSet) -> Split:
    given: dict[str, Any] = {
        "family": "probing",
        "id": "e",
        "model": "m",
        "seeds": SEEDS,
        "layer": 0,
        "probes": ["mass_mean"],
        "train": ["cities"],
        "test": ["cities"],
        "split": kind,
    }
    spec = ProbingSpec.model_validate(given)
    return split_rows(spec, {each.name: each for each in sets or (statements(),)})


def leaking(rows: Rows) -> Tensor:
    """Nothing tells true from false but a direction that each unit has for itself alone."""
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(UNITS, D, generator=generator)[rows.units]
    sign = rows.labels.float()[:, None] * 2 - 1
    x = own * sign + 0.1 * torch.randn(len(own), D, generator=generator)
    return x - x.mean(0)


def apart(rows: Rows) -> Tensor:
    """A direction that tells true from false in every unit."""
    sign = rows.labels.float()[:, None] * 2 - 1
    noise = torch.randn(len(sign), 16, generator=torch.Generator().manual_seed(len(rows.name)))
    x = noise + 3 * sign * torch.eye(16)[0]
    return x - x.mean(0)


def accuracy(split: Split, probe: Probe, x: fits.Centred) -> float:
    rows = split.reported["cities"]
    train = fits.training(split, [rows], x, SEEDS)
    directions = fits.fit(probe, train, train.true_labels())
    scores = fits.score(split, rows, x(rows), directions, SEEDS)
    return float(((scores > 0) == rows.labels).float().mean())


@pytest.mark.parametrize("probe", ["mass_mean", "logistic_regression"])
def test_a_leak_within_units_is_worth_nothing_where_units_stay_together(probe: Probe) -> None:
    """By statement the leak looks like a probe that knows the truth: the control."""
    assert accuracy(split_by("statement"), probe, leaking) > 0.9
    assert accuracy(split_by("unit"), probe, leaking) < 0.6


def test_what_holds_in_every_unit_is_found_by_either_split() -> None:
    assert accuracy(split_by("statement"), "mass_mean", apart) > 0.9
    assert accuracy(split_by("unit"), "mass_mean", apart) > 0.9


def test_row_is_scored_by_the_fit_that_left_its_group_out() -> None:
    """Each fit's direction is its own (seed, fold), so that a score tells who gave it."""
    split = split_by("unit")
    rows = split.reported["cities"]
    directions = torch.arange(10.0)[:, None]
    scores = fits.score(split, rows, torch.ones(len(rows.texts), 1), directions, SEEDS)
    for place, seed in enumerate(SEEDS):
        assert torch.equal(scores[place], split.folds(rows, seed).float() + 5 * place)


def test_fit_trains_on_no_row_of_its_own_fold() -> None:
    split = split_by("unit")
    rows = split.reported["cities"]
    weights = fits.training(split, [rows], leaking, SEEDS).weights.view(2, 5, -1)
    for place, seed in enumerate(SEEDS):
        folds = split.folds(rows, seed)
        for fold in range(5):
            assert torch.equal(weights[place, fold] == 0, folds == fold)


def test_training_on_two_sets_leaves_the_unit_out_of_both() -> None:
    split = split_by("unit", statements(), statements("neg_cities", flip=True))
    both = [split.reported["cities"], split.reported["neg_cities"]]
    train = fits.training(split, both, apart, SEEDS)
    units = torch.cat([rows.units for rows in both])
    for weights in train.weights:
        assert not set(units[weights == 0].tolist()) & set(units[weights > 0].tolist())


def test_contrast_pairs_are_a_statement_and_its_negation() -> None:
    split = split_by("unit", statements(), statements("neg_cities", flip=True))
    both = [split.reported["cities"], split.reported["neg_cities"]]

    def place_and_label(rows: Rows) -> Tensor:
        return torch.stack([rows.units.float(), rows.labels.float()], 1)

    train = fits.training(split, both, place_and_label, SEEDS)
    assert train.contrast is not None
    one, other, weights = train.contrast
    assert torch.equal(one[:, 0], other[:, 0])
    assert torch.equal(one[:, 1], 1 - other[:, 1])
    assert weights.shape == (10, 4 * UNITS)
    assert fits.training(split, both[:1], place_and_label, SEEDS).contrast is None


def test_ccs_finds_the_planted_direction_from_pairs() -> None:
    split = split_by("unit", statements(), statements("neg_cities", flip=True))
    both = [split.reported["cities"], split.reported["neg_cities"]]
    train = fits.training(split, both, apart, SEEDS)
    directions = fits.fit("ccs", train, train.true_labels())
    scores = fits.score(split, both[0], apart(both[0]), directions, SEEDS)
    assert float(((scores > 0) == both[0].labels).float().mean()) > 0.9


def test_shuffling_keeps_the_share_of_true_labels_and_moves_them() -> None:
    split = split_by("unit")
    train = fits.training(split, [split.reported["cities"]], leaking, SEEDS)
    shuffled = train.shuffled().view(2, 5, -1)
    assert (shuffled.sum(-1) == train.labels.sum()).all()
    assert torch.equal(shuffled[:, :1].expand(-1, 5, -1), shuffled), "one shuffle a seed"
    assert not torch.equal(shuffled[0], shuffled[1])
    agreement = float((shuffled[:, 0] == train.labels).float().mean())
    assert 0.35 < agreement < 0.65


def test_random_directions_differ_by_fold_and_seed_and_come_again() -> None:
    split = split_by("unit")
    train = fits.training(split, [split.reported["cities"]], leaking, SEEDS)
    first, again = fits.random_directions(train), fits.random_directions(train)
    assert torch.equal(first, again)
    normed = torch.nn.functional.normalize(first)
    assert float((normed @ normed.T - torch.eye(10)).abs().max()) < 0.3
    fitted = probes.mass_mean(train.x, train.true_labels(), train.weights)
    assert float(torch.cosine_similarity(first, fitted).abs().max()) < 0.3


def test_repeated_fits_are_those_that_would_be_made_alone() -> None:
    split = split_by("unit")
    train = fits.training(split, [split.reported["cities"]], apart, SEEDS)
    both = torch.cat([train.true_labels(), train.shuffled()])
    real, null = fits.fit("mass_mean", train.repeated(2), both).chunk(2)
    torch.testing.assert_close(real, fits.fit("mass_mean", train, train.true_labels()))
    torch.testing.assert_close(null, fits.fit("mass_mean", train, train.shuffled()))
