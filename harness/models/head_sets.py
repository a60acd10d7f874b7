"""Runs in which some heads at some places give what another run gave: ablation and circuits."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Self, assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Recorded
from harness.models.resume import resume
from harness.record import HarnessError

Ablation = Literal["mean", "zero", "resample"]
"""What an ablated head gives instead: its mean over other prompts, nothing, another prompt's."""
Mask = Bool[Tensor, "layer place head"]
"""Where heads are replaced."""


class Head(NamedTuple):
    """One attention head, written `18.6`."""

    layer: int
    head: int

    def __str__(self) -> str:
        return f"{self.layer}.{self.head}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `layer.head`. Raises `HarnessError` for anything else."""
        layer, _, head = text.partition(".")
        if not (layer.isdecimal() and head.isdecimal()):
            raise HarnessError(f"head {text!r}: expected layer.head, such as 9.6")
        return cls(int(layer), int(head))


def every_head(lm: LanguageModel) -> list[Head]:
    """All heads, layer by layer."""
    return [Head(layer, head) for layer in range(lm.n_layers) for head in range(lm.n_heads)]


def head_mask(
    lm: LanguageModel, heads: Iterable[Head], *, seq: int, places: Sequence[int] | None = None
) -> Mask:
    """True at these heads, at `places` or everywhere. Raises `HarnessError` for an unknown head."""
    mask = torch.zeros(lm.n_layers, seq, lm.n_heads, dtype=torch.bool)
    for each in heads:
        if each.layer >= lm.n_layers or each.head >= lm.n_heads:
            raise HarnessError(
                f"head {each}: {lm.ref} has layers 0 to {lm.n_layers - 1} "
                f"with heads 0 to {lm.n_heads - 1}"
            )
        mask[each.layer, slice(None) if places is None else list(places), each.head] = True
    return mask


def replacements(
    reference: Recorded, ablation: Ablation
) -> list[Float[Tensor, "pair seq n_heads d_head"]]:
    """What ablated heads give, by layer, from a run of reference prompts place by place."""
    match ablation:
        case "mean":
            return [z.mean(0, keepdim=True).expand_as(z) for z in reference.at]
        case "zero":
            return [torch.zeros_like(z) for z in reference.at]
        case "resample":
            return list(reference.at)
        case _:
            assert_never(ablation)


def run_replaced(
    lm: LanguageModel, run: Recorded, mask: Mask, instead: Sequence[Tensor]
) -> Float[Tensor, "pair d_model"]:
    """The last residual stream at the last place, with `instead` where the mask is set."""
    if not mask.any():
        return run.base.resid[-1][:, -1]
    first, start = int(mask.any((1, 2)).nonzero()[0]), int(mask.any((0, 2)).nonzero()[0])
    with intervene(lm, ablation_edits(mask, instead, start=start)):
        return resume(lm, run.base, run.base.resid[first][:, start:], layer=first)[:, -1]


def ablation_edits(
    mask: Mask, instead: Sequence[Tensor], *, start: int = 0
) -> dict[Hookpoint, Callable[[Tensor], Tensor]]:
    """What `intervene` needs for runs that compute the places from `start` on."""
    layers = mask.any((1, 2)).nonzero().flatten().tolist()
    return {
        Hookpoint("z", layer): _Replace(mask[layer, start:], instead[layer][:, start:])
        for layer in layers
    }


class _Replace(NamedTuple):
    mask: Tensor
    instead: Tensor

    def __call__(self, z: Tensor) -> Tensor:
        return torch.where(self.mask[..., None].to(z.device), self.instead, z)
