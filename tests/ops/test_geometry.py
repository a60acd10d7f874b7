import numpy as np
import pytest
import torch
from beartype import beartype
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from torch import Tensor

from harness.ops import geometry

checked = jaxtyped(typechecker=beartype)
principal_components = checked(geometry.principal_components)
angle_degrees = checked(geometry.angle_degrees)
threshold_accuracy = checked(geometry.threshold_accuracy)
auroc = checked(geometry.auroc)
SCORES = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=25)


def test_principal_components_are_scikit_learns_but_for_sign() -> None:
    x = torch.randn(60, 9, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 10)
    found = principal_components(x + 100, 3)
    theirs = PCA(3).fit(x.numpy())
    expected = theirs.transform(x.numpy())
    np.testing.assert_allclose(found.xy.abs().numpy(), abs(expected), atol=1e-2, rtol=1e-3)
    np.testing.assert_allclose(found.explained.numpy(), theirs.explained_variance_ratio_, rtol=1e-4)


def test_sign_of_a_component_does_not_depend_on_the_order_of_rows() -> None:
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        principal_components(x).xy.flip(0), principal_components(x.flip(0)).xy
    )


@pytest.mark.parametrize("degrees", [0.0, 1.0, 60.0, 90.0, 135.0, 180.0])
def test_planted_angle_is_found_whatever_the_lengths(degrees: float) -> None:
    turn = np.deg2rad(degrees)
    first = torch.tensor([[3.0, 0, 0]], dtype=torch.float64)
    second = torch.tensor([[np.cos(turn), np.sin(turn), 0]]) * 0.01
    assert float(angle_degrees(first, second)) == pytest.approx(degrees, abs=1e-4)


def brute_force(scores: list[int], labels: list[bool]) -> float:
    """Try every threshold below, between and above the scores, both ways round."""
    best = 0.0
    for threshold in [min(scores) - 1, *(score + 0.5 for score in scores)]:
        right = sum((s > threshold) == label for s, label in zip(scores, labels, strict=True))
        best = max(best, right / len(scores), 1 - right / len(scores))
    return best


@given(SCORES)
def test_threshold_accuracy_is_the_best_of_all_thresholds(rows: list[tuple[int, bool]]) -> None:
    scores, labels = [score for score, _ in rows], [label for _, label in rows]
    found = threshold_accuracy(torch.tensor(scores).float(), torch.tensor(labels))
    assert found == pytest.approx(brute_force(scores, labels))


def test_constant_score_gets_no_more_than_the_larger_class() -> None:
    labels = torch.tensor([False] * 5 + [True] * 5)
    assert threshold_accuracy(torch.zeros(10), labels) == 0.5


@given(SCORES.filter(lambda rows: len({label for _, label in rows}) == 2))
def test_auroc_is_scikit_learns_ties_included(rows: list[tuple[int, bool]]) -> None:
    scores = torch.tensor([float(score) for score, _ in rows])
    labels = torch.tensor([label for _, label in rows])
    found = auroc(scores, labels, torch.arange(len(rows)))
    assert found.value == pytest.approx(roc_auc_score(labels.numpy(), scores.numpy()))


def paired_units(units: int, shared: float) -> tuple[Tensor, Tensor, Tensor]:
    """A true and a false statement a unit; `shared` is the spread of what they have in common."""
    generator = torch.Generator().manual_seed(0)
    unit = torch.arange(units).repeat(2)
    labels = torch.arange(2 * units) < units
    common = shared * torch.randn(units, generator=generator)[unit]
    return torch.randn(2 * units, generator=generator) + labels + common, labels, unit


@pytest.mark.parametrize("shared", [0.0, 2.0])
def test_stderr_of_auroc_is_that_of_a_bootstrap_of_units(shared: float) -> None:
    scores, labels, units = paired_units(150, shared)
    rng, true, false = np.random.default_rng(0), scores[:150].numpy(), scores[150:].numpy()
    chosen = rng.integers(150, size=(1500, 150))
    drawn = [(true[places][:, None] > false[places]).mean() for places in chosen]
    stderr = auroc(scores, labels, units).stderr
    assert stderr == pytest.approx(np.std(drawn), rel=0.1)


def test_what_a_units_statements_share_cancels_in_the_stderr_of_auroc() -> None:
    scores, labels, units = paired_units(150, 2.0)
    by_unit = auroc(scores, labels, units).stderr
    as_if_apart = auroc(scores, labels, torch.arange(300)).stderr
    assert by_unit is not None and as_if_apart is not None
    assert by_unit < 0.7 * as_if_apart


def test_auroc_of_one_unit_has_no_stderr() -> None:
    found = auroc(torch.tensor([0.1, 0.9]), torch.tensor([False, True]), torch.tensor([0, 0]))
    assert (found.value, found.stderr) == (1.0, None)
