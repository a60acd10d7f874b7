"""Encoder and decoder of a BatchTopK SAE for autograd, at the cost of what is active.

Only the search for the largest pre-activations is dense. Knows no losses and no schedules.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.ops.sparse_code import ByLatent, SparseCode, products_at, sparse_code, value_gradient
from harness.ops.sparse_code import decode as decode_code
from harness.saes.selection import BatchTopK


class Layers(NamedTuple):
    """The parameters of an SAE; rows of both matrices belong to latents."""

    encoder: Float[Tensor, "m d"]
    encoder_bias: Float[Tensor, " m"]
    decoder: Float[Tensor, "m d"]
    decoder_bias: Float[Tensor, " d"]


@dataclass(frozen=True)
class Active:
    """Which latents of a batch are active, with the orders that gradients are summed in."""

    code: SparseCode
    """Its values are constants; those that carry gradients stand beside it."""

    @cached_property
    def by_latent(self) -> ByLatent:
        """Sorted once for all gradients."""
        return ByLatent.of(self.code)

    @cached_property
    def row_offsets(self) -> Int[Tensor, " rows+1"]:
        """Where each row begins, and the end."""
        return self.code.offsets[:: self.code.shape[0]]

    def count(self) -> Int[Tensor, " m"]:
        """Rows in which each latent is active."""
        return torch.bincount(self.code.latents, minlength=self.code.shape[1])


class Encoded(NamedTuple):
    """Latents of a batch."""

    values: Float[Tensor, " active"]
    active: Active


def encode(
    x: Float[Tensor, "rows d"], layers: Layers, pick: BatchTopK, widths: tuple[int, ...]
) -> Encoded:
    """Latents of `x` minus the decoder's bias; those that add most to the reconstruction.

    `pick` says how many, and remembers their threshold. `widths` are the levels of the decoder.
    """
    encoder, encoder_bias, decoder, decoder_bias = layers
    with torch.no_grad():
        centred, norms = x - decoder_bias, decoder.norm(dim=1)
        near = pick.candidates(_found(centred, layers), norms)
        latents = near % len(norms)
        values = products_at(near, centred, encoder) + encoder_bias[latents]
        kept = pick.settle(values * norms[latents], len(x))
        active = Active(sparse_code(values[kept], near[kept], len(x), widths))
    encoded = _Encode.apply(x, decoder_bias, encoder, encoder_bias, active)
    assert isinstance(encoded, Tensor)
    return Encoded(encoded, active)


def decode(
    latents: Encoded, layers: Layers, *, detached: bool = False
) -> Float[Tensor, "rows levels d"]:
    """Reconstructions of every level, each with the latents of its level and of those inside.

    `detached`: the gradient of a level's reconstruction reaches the latents of that level alone.
    """
    decoded = _Decode.apply(
        latents.values, layers.decoder, layers.decoder_bias, latents.active, detached
    )
    assert isinstance(decoded, Tensor)
    return decoded


def _found(centred: Float[Tensor, "rows d"], layers: Layers) -> Float[Tensor, "rows m"]:
    """Pre-activations near enough to find the largest by."""
    operands = layers.encoder_bias, centred, layers.encoder.T
    if centred.dtype == torch.float32 and _multiplies_bfloat16(centred.device):
        operands = tuple(operand.bfloat16() for operand in operands)
    return torch.addmm(*operands)


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a product in bfloat16 is quicker there than in float32."""
    if device.type == "cpu":
        can = getattr(torch.cpu, "get_capabilities", dict[str, bool])()
        return bool(can.get("avx512_bf16") or can.get("amx_bf16"))
    return device.type == "cuda"


class _Encode(torch.autograd.Function):
    """Pre-activations at the active places, (x - shift) @ encoder.T + bias."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        x, shift, encoder, _bias, active = given
        ctx.save_for_backward(x, shift, encoder)
        ctx.active = active
        # A copy: the code would otherwise hold the graph that holds the code.
        return active.code.values.clone()

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Any:
        slope = slopes[0]
        x, shift, encoder = ctx.saved_tensors
        active: Active = ctx.active
        code, by_latent = active.code, active.by_latent
        by_bias = by_latent.summed(slope)
        by_encoder = by_latent.weighed(x - shift, code.rows, slope)
        by_x = None
        if ctx.needs_input_grad[0]:
            of_rows = SparseCode(
                *(code.rows, code.latents, slope, torch.zeros_like(code.segments)),
                *(active.row_offsets, (1, code.shape[1])),
            )
            by_x = decode_code(of_rows, encoder, torch.zeros_like(shift)).squeeze(1)
        return by_x, -(by_bias @ encoder), by_encoder, by_bias, None


class _Decode(torch.autograd.Function):
    """Reconstructions of nested decoders."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        values, decoder, bias, active, detached = given
        ctx.save_for_backward(values, decoder)
        ctx.active, ctx.detached = active, detached
        return decode_code(active.code._replace(values=values), decoder, bias)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Any:
        values, decoder = ctx.saved_tensors
        active: Active = ctx.active
        code = active.code
        table = slopes[0].clone(memory_format=torch.contiguous_format)
        for level in reversed(range(1, 1 if ctx.detached else code.shape[0])):
            table[:, level - 1] += table[:, level]
        by_value = value_gradient(code, table, decoder)
        by_decoder = active.by_latent.weighed(table.view(-1, table.shape[2]), code.bags, values)
        return by_value, by_decoder, table[:, 0].sum(dim=0), None, None
