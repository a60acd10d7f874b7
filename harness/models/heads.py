"""What single heads write into the residual stream."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from harness.models.hookpoints import Hookpoint, site_of
from harness.models.language_model import LanguageModel


def output_weight(lm: LanguageModel, layer: int) -> Float[Tensor, "n_heads d_head d_model"]:
    """W_O of every head of a layer."""
    site = site_of(lm.family, Hookpoint("z", layer), lm.n_layers)
    blocks = cast(nn.ModuleList, lm.hf.get_submodule(lm.family.blocks))
    module = blocks[layer].get_submodule(site.module)
    weight = cast(Tensor, module.weight)
    # GPT-2 keeps its weights as [in, out], everybody else as [out, in].
    joined = weight if type(module).__name__ == "Conv1D" else weight.T
    return joined.unflatten(0, (lm.n_heads, -1))


def head_outputs(
    lm: LanguageModel, layer: int, z: Float[Tensor, "*rows n_heads d_head"]
) -> Float[Tensor, "*rows n_heads d_model"]:
    """What each head adds to the residual stream; the layer's output bias belongs to none.

    Where a norm follows attention (Gemma), this is what the heads give to that norm.
    """
    return torch.einsum("...hd,hdm->...hm", z, output_weight(lm, layer))
