import pytest
import torch
from sae_lens.synthetic import orthogonalize_embeddings
from torch import Tensor
from torch.nn.functional import cosine_similarity, normalize

from harness.ops.orthogonal import crowding_gradient, orthogonalize

STEPS, RATE = 100, 3e-4


def start(dtype: torch.dtype, number: int = 300, dimension: int = 40) -> Tensor:
    return torch.randn(
        number, dimension, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    ).to(dtype)


def both(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    ours = orthogonalize(start(dtype), steps=STEPS, learning_rate=RATE)
    return ours, orthogonalize_embeddings(start(dtype), num_steps=STEPS, lr=RATE, chunk_size=64)


def test_it_is_saelens_orthogonalisation_and_moves_the_vectors() -> None:
    ours, theirs = both(torch.float64)
    assert float((ours - theirs).abs().max()) < 1e-10
    # The control: what it began with is far from where it ends.
    assert float((normalize(start(torch.float64), dim=1) - theirs).abs().max()) > 1e-2


def test_in_single_precision_directions_are_saelens_too() -> None:
    ours, theirs = both(torch.float32)
    assert float(cosine_similarity(ours, theirs).min()) > 1 - 1e-5
    assert float(cosine_similarity(start(torch.float32), theirs).min()) < 1 - 1e-3


def test_the_gradient_is_that_of_the_documented_loss() -> None:
    rows = (start(torch.float64, 30, 7) / 3).requires_grad_()
    products = rows @ rows.T
    crowding = products.square().sum() - products.diagonal().square().sum()
    loss = crowding + len(rows) * (products.diagonal() - 1).square().sum()
    (expected,) = torch.autograd.grad(loss, rows)
    plain = rows.detach()
    found = crowding_gradient(plain)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-8)
    without_own_length = found - 4 * len(plain) * (plain.square().sum(1, True) - 1) * plain
    assert float((without_own_length - expected).abs().max()) > 1.0


def test_vectors_are_of_unit_length_and_less_crowded_than_before() -> None:
    def crowding(rows: Tensor) -> float:
        return float((rows @ rows.T - torch.eye(len(rows))).square().sum())

    before = normalize(start(torch.float32), dim=1)
    after = orthogonalize(before, steps=STEPS, learning_rate=RATE)
    torch.testing.assert_close(after.norm(dim=1), torch.ones(len(after)))
    assert crowding(after) < 0.9 * crowding(before)


def test_as_many_vectors_as_dimensions_become_orthogonal() -> None:
    rows = orthogonalize(start(torch.float64, 8, 8), steps=2000, learning_rate=1e-2)
    torch.testing.assert_close(rows @ rows.T, torch.eye(8).double(), atol=1e-4, rtol=0)


def test_progress_tells_every_step_and_the_start_is_left_alone() -> None:
    told: list[tuple[int, int]] = []
    given = start(torch.float32, 5, 3)
    kept = given.clone()
    orthogonalize(
        given, steps=3, learning_rate=0.1, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert torch.equal(given, kept)


@pytest.mark.parametrize("rows", [1, 2])
def test_a_zero_vector_is_no_division_by_zero(rows: int) -> None:
    found = orthogonalize(torch.zeros(rows, 4), steps=2, learning_rate=0.1)
    assert bool(found.isfinite().all())
