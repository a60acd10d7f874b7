"""Products of sparse codes, at the cost of what is active, with the gradients written out.

A code has a few active latents a row. Nested decoders (Matryoshka) split the latents into
segments: reconstruction l uses the segments up to l. With one segment it is the plain decoder.
"""

import warnings
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import embedding_bag

from harness.ops.ordering import stable_order


class SparseCode(NamedTuple):
    """Active latents of a batch, row after row and latent after latent."""

    rows: Int[Tensor, " active"]
    latents: Int[Tensor, " active"]
    values: Float[Tensor, " active"]
    segments: Int[Tensor, " active"]
    """The segment that each latent lies in."""
    offsets: Int[Tensor, " bags+1"]
    """Where the latents of each row and segment begin, and the end; bags = rows x levels."""
    shape: tuple[int, int]
    """Levels of the decoder, latents in all."""

    @property
    def bags(self) -> Int[Tensor, " active"]:
        """The row of a [rows x levels, …] table that each active latent belongs to."""
        return self.rows * self.shape[0] + self.segments


def sparse_code(
    values: Float[Tensor, " active"],
    places: Int[Tensor, " active"],
    rows: int,
    widths: tuple[int, ...],
) -> SparseCode:
    """The code of `rows` rows whose active latents lie at the flat `places`, ascending.

    `widths` are the numbers of latents that each level of the decoder uses, the last is all.
    """
    levels, width = len(widths), widths[-1]
    row, latents = places // width, places % width
    segments = torch.zeros_like(latents)
    if levels > 1:
        ends = torch.tensor(widths, device=places.device)
        segments = torch.bucketize(latents, ends, right=True)
    offsets = _offsets(row * levels + segments, rows * levels)
    return SparseCode(row, latents, values, segments, offsets, (levels, width))


def decode(
    code: SparseCode, decoder: Float[Tensor, "latents d"], bias: Float[Tensor, " d"]
) -> Float[Tensor, "rows levels d"]:
    """Reconstructions of each level."""
    parts = _weighed(decoder, code.latents, code.offsets, code.values)
    levels = parts.view(-1, code.shape[0], decoder.shape[1])
    levels[:, 0] += bias
    for level in range(1, code.shape[0]):
        levels[:, level] += levels[:, level - 1]
    return levels


def value_gradient(
    code: SparseCode,
    table: Float[Tensor, "rows levels d"],
    decoder: Float[Tensor, "latents d"],
) -> Float[Tensor, " active"]:
    """Of each active value: the product of its latent's decoder row with its row of `table`.

    `table` holds what the loss' gradient is with respect to a segment's part of the decoding.
    """
    return _products(table.view(-1, decoder.shape[1]), decoder, code.bags, code.latents)


def products_at(
    places: Int[Tensor, " m"], left: Float[Tensor, "rows d"], right: Float[Tensor, "latents d"]
) -> Float[Tensor, " m"]:
    """Of the products left @ right.T those at the flat `places`, ascending."""
    return _products(left, right, places // len(right), places % len(right))


def _products(
    left: Float[Tensor, "bags d"],
    right: Float[Tensor, "latents d"],
    bags: Int[Tensor, " m"],
    latents: Int[Tensor, " m"],
) -> Float[Tensor, " m"]:
    if left.device.type != "cpu":
        return (left[bags] * right[latents]).sum(dim=1)
    _accept_beta()
    where = torch.sparse_csr_tensor(
        _offsets(bags, len(left)),
        latents,
        left.new_zeros(len(latents)),
        (len(left), len(right)),
        check_invariants=False,
    )
    return torch.sparse.sampled_addmm(where, left, right.T, beta=0.0).values()


@cache
def _accept_beta() -> None:
    """Torch says once a process that its CSR tensors are in beta; tests hold what is used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        torch.zeros(1, 1).to_sparse_csr()


def _offsets(bags: Int[Tensor, " m"], count: int) -> Int[Tensor, " bags+1"]:
    """Where each of `count` bags begins in entries sorted by bag, and the end."""
    sizes = torch.bincount(bags, minlength=count)
    return torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])


class ByLatent(NamedTuple):
    """Active latents in the order of latents, for gradients of rows of weights."""

    order: Int[Tensor, " active"]
    offsets: Int[Tensor, " latents+1"]

    @classmethod
    def of(cls, code: SparseCode) -> "ByLatent":
        """Sort a code's latents; within one latent rows ascend."""
        order = stable_order(code.latents, code.shape[1])
        return cls(order, _offsets(code.latents, code.shape[1]))

    def weighed(
        self,
        table: Float[Tensor, "m d"],
        where: Int[Tensor, " active"],
        values: Float[Tensor, " active"],
    ) -> Float[Tensor, "latents d"]:
        """Sum over a latent's activations of value times row `where` of `table`."""
        order = self.order
        return _weighed(table, where.index_select(0, order), self.offsets, values[order])

    def summed(self, values: Float[Tensor, " active"]) -> Float[Tensor, " latents"]:
        """Sum of values over a latent's activations."""
        ones = values.new_ones(1, 1)
        where = torch.zeros_like(self.order)
        return _weighed(ones, where, self.offsets, values[self.order]).squeeze(1)


def _weighed(table: Tensor, where: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
    return embedding_bag(
        where, table, offsets, mode="sum", per_sample_weights=weights, include_last_offset=True
    )
