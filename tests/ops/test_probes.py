"""Each probe against a second implementation of its definition, on clouds with a planted truth."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from beartype import beartype
from jaxtyping import jaxtyped
from sklearn.covariance import ledoit_wolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor, nn

from harness.ops import probes

D = 12
checked = jaxtyped(typechecker=beartype)
mass_mean, mass_mean_covariance = checked(probes.mass_mean), checked(probes.mass_mean_covariance)
lda, logistic_regression = checked(probes.lda), checked(probes.logistic_regression)
ccs, orient = checked(probes.ccs), checked(probes.orient)


def clouds(rows: int = 400, spread: float = 5) -> tuple[Tensor, Tensor, Tensor]:
    """Centred activations, labels and the planted axis, half of which lies in a noisy dimension."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(rows) % 2 == 0
    axis = torch.zeros(D)
    axis[0], axis[1] = 1, 1
    noise = torch.randn(rows, D, generator=generator)
    noise[:, 1] *= spread
    x = noise + (labels.float() * 2 - 1)[:, None] * axis
    return x - x.mean(0), labels, axis


def two_fits(rows: int = 400) -> Tensor:
    """One fit trained on all rows, one on the first half."""
    weights = torch.ones(2, rows)
    weights[1, rows // 2 :] = 0
    return weights


def cosine(one: Tensor, other: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one.double(), other.double(), dim=0))


def accuracy(direction: Tensor, x: Tensor, labels: Tensor) -> float:
    return float(((x @ direction > 0) == labels).float().mean())


def both(labels: Tensor) -> Tensor:
    return labels.expand(2, -1)


def test_mass_mean_is_the_difference_of_class_means() -> None:
    x, labels, _ = clouds()
    found = mass_mean(x, both(labels), two_fits())
    for direction, rows in zip(found, (400, 200), strict=True):
        points, truth = x[:rows].numpy(), labels[:rows].numpy()
        expected = points[truth].mean(0) - points[~truth].mean(0)
        np.testing.assert_allclose(direction.numpy(), expected, atol=1e-5)


def test_mass_mean_counts_a_row_of_weight_two_twice() -> None:
    x, labels, _ = clouds(20)
    weights = torch.ones(1, 20)
    weights[0, 4] = 2
    twice = mass_mean(
        torch.cat([x, x[4:5]]), torch.cat([labels, labels[4:5]])[None], torch.ones(1, 21)
    )
    torch.testing.assert_close(mass_mean(x, labels[None], weights), twice)


def test_class_without_rows_has_no_mean() -> None:
    x, _, _ = clouds(10)
    with pytest.raises(AssertionError, match="a class without rows"):
        mass_mean(x, torch.ones(1, 10, dtype=torch.bool), torch.ones(1, 10))


def test_covariance_tilts_mass_mean_by_the_inverse_within_classes() -> None:
    x, labels, _ = clouds()
    found = mass_mean_covariance(x, both(labels), two_fits())[1].double()
    points, truth = x[:200].double().numpy(), labels[:200].numpy()
    means = points[truth].mean(0), points[~truth].mean(0)
    within = np.where(truth[:, None], points - means[0], points - means[1])
    expected = np.linalg.inv(within.T @ within / 200) @ (means[0] - means[1])
    assert cosine(found, torch.from_numpy(expected)) > 1 - 1e-8


def test_covariance_helps_where_one_axis_is_noisy() -> None:
    x, labels, _ = clouds()
    plain = mass_mean(x, both(labels), two_fits())[0]
    tilted = mass_mean_covariance(x, both(labels), two_fits())[0]
    assert accuracy(tilted, x, labels) > accuracy(plain, x, labels) + 0.1


@pytest.mark.parametrize("rows", [400, 40, 16])
def test_lda_inverts_the_covariance_that_ledoit_and_wolf_shrink(rows: int) -> None:
    x, labels, _ = clouds(rows)
    points, truth = x.double().numpy(), labels.numpy()
    means = points[truth].mean(0), points[~truth].mean(0)
    within, _ = ledoit_wolf(
        np.where(truth[:, None], points - means[0], points - means[1]), assume_centered=True
    )
    expected = torch.from_numpy(np.linalg.solve(within, means[0] - means[1])).float()
    found = lda(x, labels[None], torch.ones(1, rows))[0]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_lda_is_scikit_learns_with_automatic_shrinkage() -> None:
    """scikit-learn shrinks each class apart and on scaled features; here classes are pooled."""
    x, labels, _ = clouds(spread=1)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    theirs.fit(x.numpy(), labels.numpy())
    found = lda(x, labels[None], torch.ones(1, 400))[0]
    assert cosine(found, torch.from_numpy(theirs.coef_[0])) > 0.99


def test_lda_shrinks_to_mass_mean_where_there_are_hardly_more_rows_than_dimensions() -> None:
    x, labels, _ = clouds(16, spread=1)
    few = lda(x, labels[None], torch.ones(1, 16))[0]
    assert cosine(few, mass_mean(x, labels[None], torch.ones(1, 16))[0]) > 0.95
    assert bool(few.isfinite().all())


def as_the_authors_do(x: Tensor, labels: Tensor, start: Tensor) -> Tensor:
    """Marks and Tegmark's LRProbe: one fit at a time, a linear layer, sigmoid, BCE, AdamW."""
    layer = nn.Linear(D, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(start)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.001, weight_decay=0.1)
    for _ in range(1000):
        optimiser.zero_grad()
        nn.BCELoss()(torch.sigmoid(layer(x).squeeze(-1)), labels.float()).backward()
        optimiser.step()
    return layer.weight.detach()[0]


def test_logistic_regression_is_the_authors_own_fit_by_fit() -> None:
    x, labels, _ = clouds()
    start = (torch.rand(2, D, generator=torch.Generator().manual_seed(7)) * 2 - 1) / D**0.5
    found = logistic_regression(x, both(labels), two_fits(), torch.Generator().manual_seed(7))
    for direction, rows, first in zip(found, (400, 200), start, strict=True):
        expected = as_the_authors_do(x[:rows], labels[:rows], first)
        torch.testing.assert_close(direction, expected, atol=1e-4, rtol=1e-3)


def test_contrast_consistent_gradient_is_that_of_automatic_differentiation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loss of Burns et al. 2023: (p+ + p- - 1)^2 + min(p+, p-)^2, mean over pairs."""
    generator = torch.Generator().manual_seed(0)
    x, negated = torch.randn(2, 30, D, generator=generator, dtype=torch.float64)
    weights = (torch.rand(3, 30, generator=generator) > 0.3).double()
    taken: list[tuple[Callable[[Tensor], Tensor], Tensor]] = []

    def stop_at_start(gradient: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
        taken.append((gradient, start))
        return start

    monkeypatch.setattr(probes, "_adamw", stop_at_start)
    probes.ccs(x, negated, weights, generator)
    gradient, start = taken[0]
    directions = start.clone().requires_grad_()
    yes, no = torch.sigmoid(directions @ x.T), torch.sigmoid(directions @ negated.T)
    loss = (yes + no - 1) ** 2 + torch.minimum(yes, no) ** 2
    (loss * weights / weights.sum(1, keepdim=True)).sum().backward()
    torch.testing.assert_close(gradient(start), directions.grad)


def test_ccs_finds_the_axis_that_negation_turns_without_labels() -> None:
    x, labels, _ = clouds(spread=1)
    negated = x.clone()
    negated[:, :2] *= -1
    negated[:, 2:] = torch.randn(400, D - 2, generator=torch.Generator().manual_seed(1))
    found = ccs(x, negated, torch.ones(2, 400), torch.Generator().manual_seed(0))
    right = orient(found, x, both(labels), torch.ones(2, 400))
    assert accuracy(right[0], x, labels) > 0.85
    control = ccs(x, x[torch.randperm(400)], torch.ones(2, 400), torch.Generator().manual_seed(0))
    assert abs(cosine(control[0], right[0])) < 0.9


def test_orient_flips_only_what_is_mostly_wrong_on_its_own_rows() -> None:
    """The second fit's own rows have the other sign."""
    x, labels, axis = clouds(100)
    axis[1] = 0
    turned = torch.cat([x[:50], -x[50:]])
    weights = torch.zeros(2, 100)
    weights[0, :50], weights[1, 50:] = 1, 1
    found = orient(axis.expand(2, -1), turned, both(labels), weights)
    torch.testing.assert_close(found, torch.stack([axis, -axis]))


@pytest.mark.parametrize("name", ["mass_mean", "mass_mean_covariance", "lda"])
def test_a_row_of_weight_zero_changes_nothing(name: str) -> None:
    x, labels, _ = clouds()
    fit = getattr(probes, name)
    before = fit(x, both(labels), two_fits())[1]
    x[300], labels = 1e3, labels.clone()
    labels[300] = ~labels[300]
    torch.testing.assert_close(fit(x, both(labels), two_fits())[1], before)


def test_fits_of_one_batch_do_not_mix() -> None:
    x, labels, _ = clouds()
    other = labels[torch.randperm(400, generator=torch.Generator().manual_seed(0))]
    pair = logistic_regression(
        x, torch.stack([labels, other]), two_fits(), torch.Generator().manual_seed(0)
    )
    alone = logistic_regression(x, labels[None], two_fits()[:1], torch.Generator().manual_seed(0))
    torch.testing.assert_close(pair[0], alone[0])
