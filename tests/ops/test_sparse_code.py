import pytest
import torch
from torch import Tensor

from harness.ops.sparse_code import (
    ByLatent,
    SparseCode,
    decode,
    products_at,
    sparse_code,
    value_gradient,
)

ROWS, LATENTS, D = 7, 20, 5
WIDTHS = [(LATENTS,), (4, 9, LATENTS)]
levels = pytest.mark.parametrize("widths", WIDTHS)


def dense_code() -> Tensor:
    """Some latents a row, negative ones too; row 3 and latent 6 have none."""
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(ROWS, LATENTS, generator=generator, dtype=torch.float64)
    values[torch.rand(ROWS, LATENTS, generator=generator) < 0.7] = 0
    values[3] = 0
    values[:, 6] = 0
    return values


def weights(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def sparse(dense: Tensor, widths: tuple[int, ...]) -> SparseCode:
    where = dense.view(-1).nonzero().squeeze(1)
    return sparse_code(dense.view(-1)[where], where, ROWS, widths)


def nested(dense: Tensor, decoder: Tensor, bias: Tensor, widths: tuple[int, ...]) -> Tensor:
    """Reconstructions of each level by dense products."""
    return torch.stack([dense[:, :w] @ decoder[:w] + bias for w in widths], dim=1)


@levels
def test_decoding_is_the_dense_product_of_each_level(widths: tuple[int, ...]) -> None:
    dense, decoder, bias = dense_code(), weights(LATENTS, D), weights(D)
    found = decode(sparse(dense, widths), decoder, bias)
    torch.testing.assert_close(found, nested(dense, decoder, bias, widths))
    assert torch.equal(found[3], bias.expand(len(widths), D)), "a silent row is the bias"


def test_levels_differ_where_latents_lie_beyond_the_inner_ones() -> None:
    dense, decoder = dense_code(), weights(LATENTS, D)
    found = decode(sparse(dense, WIDTHS[1]), decoder, weights(D))
    assert float((found[:, 0] - found[:, -1]).abs().max()) > 0.1


@levels
def test_gradients_are_those_of_autograd(widths: tuple[int, ...]) -> None:
    dense = dense_code().requires_grad_()
    decoder, bias = weights(LATENTS, D).requires_grad_(), weights(D)
    upstream = weights(ROWS, len(widths), D)
    (nested(dense, decoder, bias, widths) * upstream).sum().backward()
    assert dense.grad is not None
    code = sparse(dense.detach(), widths)
    # A segment is part of its own level and of all wider ones.
    table = upstream.flip(1).cumsum(1).flip(1).contiguous()
    active = dense.detach() != 0
    torch.testing.assert_close(
        value_gradient(code, table, decoder.detach()), dense.grad[active], rtol=1e-10, atol=1e-10
    )
    found = ByLatent.of(code).weighed(table.view(-1, D), code.bags, code.values)
    torch.testing.assert_close(found, decoder.grad)
    assert not found[6].any(), "a silent latent has no gradient"


def test_sums_over_a_latents_activations_are_the_columns() -> None:
    dense = dense_code()
    code = sparse(dense, (LATENTS,))
    torch.testing.assert_close(ByLatent.of(code).summed(code.values), dense.sum(dim=0))


def test_products_at_some_places_are_those_of_the_whole_product() -> None:
    left, right = weights(ROWS, D), weights(LATENTS, D)
    where = torch.tensor([0, 1, 25, ROWS * LATENTS - 1])
    torch.testing.assert_close(products_at(where, left, right), (left @ right.T).view(-1)[where])


def test_a_code_without_any_active_latent_is_the_bias_everywhere() -> None:
    code = sparse(torch.zeros(ROWS, LATENTS, dtype=torch.float64), (LATENTS,))
    bias = weights(D)
    found = decode(code, weights(LATENTS, D), bias)
    assert torch.equal(found, bias.expand(ROWS, 1, D))
    assert not ByLatent.of(code).summed(code.values).any()


def test_segments_are_those_that_the_widths_cut() -> None:
    code = sparse(torch.ones(ROWS, LATENTS, dtype=torch.float64), WIDTHS[1])
    expected = [0] * 4 + [1] * 5 + [2] * (LATENTS - 9)
    assert code.segments.view(ROWS, LATENTS)[0].tolist() == expected
    assert code.offsets.tolist()[:4] == [0, 4, 9, LATENTS]
