"""Planted clouds whose separating direction is known, and the control that they differ in it."""

import pytest
import torch
from torch import Tensor

from harness.ops.directions import (
    Method,
    cosine,
    fit_direction,
    mean_difference,
    random_direction,
    scaled_to_means,
    unit,
)

METHODS: tuple[Method, ...] = ("mean_difference", "k_means", "pca", "logistic_regression")
D = 12


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clouds(apart: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """200 rows of unit noise; those labelled true lie `apart` further along the first axis."""
    labels = torch.arange(200) % 2 == 0
    x = torch.randn(200, D, generator=generator(seed))
    x[:, 0] += apart * labels
    return x, labels


@pytest.mark.parametrize("method", METHODS)
def test_the_planted_direction_is_found_with_its_sign(method: Method) -> None:
    x, labels = clouds(6.0)
    found = fit_direction(method, x, labels, generator())
    turned = fit_direction(method, x, ~labels, generator())
    assert float(cosine(found, torch.eye(D)[0])) > 0.95
    assert float(cosine(turned, torch.eye(D)[0])) < -0.95


@pytest.mark.parametrize("method", METHODS)
def test_clouds_that_do_not_differ_give_no_such_direction(method: Method) -> None:
    x, labels = clouds(0.0)
    found = fit_direction(method, x, labels, generator())
    assert abs(float(cosine(found, torch.eye(D)[0]))) < 0.7


def test_difference_of_means_by_hand() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 6.0], [0.0, 0.0]])
    assert mean_difference(x, torch.tensor([True, True, False])).tolist() == [2.0, 4.0]


def test_methods_that_see_no_labels_find_the_widest_spread_and_not_the_class() -> None:
    """The control: with a larger spread elsewhere, only supervised methods follow the labels."""
    x, labels = clouds(3.0)
    x[:, 1] += 30 * (torch.arange(200) < 100)
    spread = torch.eye(D)[1]
    for method in ("k_means", "pca"):
        assert abs(float(cosine(fit_direction(method, x, labels, generator()), spread))) > 0.9
    assert float(cosine(mean_difference(x, labels), torch.eye(D)[0])) > 0.9


def test_logistic_regression_does_not_depend_on_the_scale_of_the_layer() -> None:
    x, labels = clouds(2.0)
    near, far = (
        fit_direction("logistic_regression", by * x, labels, generator()) for by in (1, 500)
    )
    torch.testing.assert_close(near, far, atol=1e-3, rtol=1e-3)


def test_k_means_is_the_same_for_the_same_generator_state() -> None:
    x, labels = clouds(2.0)
    again = [fit_direction("k_means", x, labels, generator(3)) for _ in range(2)]
    assert torch.equal(again[0], again[1])


def test_a_scaled_direction_takes_the_false_mean_to_the_true_mean_along_itself() -> None:
    x, labels = clouds(6.0)
    probe = torch.randn(D, generator=generator(5))
    theta = scaled_to_means(probe, x, labels)
    true, false = x[labels].mean(0), x[~labels].mean(0)
    assert float((false + theta) @ probe) == pytest.approx(float(true @ probe), abs=1e-4)


def test_the_difference_of_means_needs_no_scaling() -> None:
    x, labels = clouds(6.0)
    theta = mean_difference(x, labels)
    torch.testing.assert_close(scaled_to_means(theta, x, labels), theta)


def test_a_random_direction_is_as_long_and_points_elsewhere() -> None:
    vector = torch.randn(576, generator=generator(1)) * 40
    drawn = [random_direction(vector, generator(seed)) for seed in range(2, 10)]
    for each in drawn:
        assert float(each.norm()) == pytest.approx(float(vector.norm()), rel=1e-5)
        assert abs(float(cosine(each, vector))) < 0.2
    assert abs(float(cosine(drawn[0], drawn[1]))) < 0.2


def test_a_random_direction_keeps_the_length_of_every_position() -> None:
    vectors = torch.tensor([[3.0, 4.0], [0.6, 0.8]])
    assert random_direction(vectors, generator()).norm(dim=-1).tolist() == pytest.approx([5, 1])


def test_no_direction_comes_of_a_vector_of_length_zero() -> None:
    with pytest.raises(AssertionError, match="length 0"):
        unit(torch.zeros(3))
