"""Random Lorsas and transcoders for every layer of a Llama, as llamascopium has them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from harness.models.language_model import LanguageModel

if TYPE_CHECKING:
    from llamascopium.models.sparse_dictionary import SparseDictionary


def random_modules(
    lm: LanguageModel, *, top_k: int = 4, n_ctx: int = 16, biased: bool = True
) -> list["SparseDictionary"]:
    """A Lorsa and a transcoder a layer, twice as wide as the stream; seeded.

    Without `biased` they have no bias but the transcoders' in the encoder, and no zero activation.
    """
    generator = torch.Generator().manual_seed(0)
    modules = list(_modules(lm, top_k, n_ctx))
    for module in modules:
        for name, parameter in module.named_parameters():
            torch.nn.init.normal_(parameter, std=0.3, generator=generator)
            if not biased and name in ("b_Q", "b_K", "b_V", "b_D", "b_E"):
                torch.nn.init.zeros_(parameter)
        module.eval().requires_grad_(False)
    return modules


def _modules(lm: LanguageModel, top_k: int, n_ctx: int) -> Iterator["SparseDictionary"]:
    from llamascopium import LorsaConfig, LowRankSparseAttention, SAEConfig, SparseAutoEncoder

    shared = {
        "d_model": lm.d_model,
        "expansion_factor": 2,
        "act_fn": "topk",
        "top_k": top_k,
        "norm_activation": "inference",
    }
    head = lm.hf.config.head_dim
    for layer in range(lm.n_layers):
        yield LowRankSparseAttention(
            LorsaConfig(
                **shared,
                hook_point_in=f"blocks.{layer}.ln1.hook_normalized",
                hook_point_out=f"blocks.{layer}.hook_attn_out",
                n_qk_heads=lm.n_heads,
                d_qk_head=head,
                rotary_dim=head,
                rotary_adjacent_pairs=False,
                n_ctx=n_ctx,
            )
        )
        yield SparseAutoEncoder(
            SAEConfig(
                **shared,
                hook_point_in=f"blocks.{layer}.ln2.hook_normalized",
                hook_point_out=f"blocks.{layer}.hook_mlp_out",
            )
        )
