"""From the residual stream after the last block to logits."""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.models.language_model import LanguageModel


def final_norm(lm: LanguageModel, resid: Float[Tensor, "*rows d_model"]) -> Tensor:
    """The norm that stands before the unembedding, [*rows, d_model]."""
    return lm.hf.get_submodule(lm.family.final_norm)(resid)


def logits(
    lm: LanguageModel, resid: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows vocab"]:
    """Logits of residual streams, as the model itself computes them."""
    return _capped(lm, _unembedding(lm)(final_norm(lm, resid)))


def logits_of(
    lm: LanguageModel, resid: Float[Tensor, "row d_model"], ids: Int[Tensor, "row k"]
) -> Float[Tensor, "row k"]:
    """Logits of a few tokens a row, without computing those of the whole vocabulary."""
    head = _unembedding(lm)
    found = torch.einsum("rd,rkd->rk", final_norm(lm, resid), head.weight[ids])
    bias = _bias(head)
    return _capped(lm, found if bias is None else found + bias[ids])


def logits_among(
    lm: LanguageModel, resid: Float[Tensor, "*rows d_model"], ids: Int[Tensor, " k"]
) -> Float[Tensor, "*rows k"]:
    """Logits of the same few tokens for every row."""
    head = _unembedding(lm)
    found = final_norm(lm, resid) @ head.weight[ids].T
    bias = _bias(head)
    return _capped(lm, found if bias is None else found + bias[ids])


def _unembedding(lm: LanguageModel) -> nn.Linear:
    head = lm.hf.get_output_embeddings()
    assert isinstance(head, nn.Linear), type(head)
    return head


def _bias(head: nn.Linear) -> Tensor | None:
    """torch's types promise a bias, which most language models lack."""
    return cast("Tensor | None", head.bias)


def _capped(lm: LanguageModel, raw: Tensor) -> Tensor:
    """Gemma 2 bounds its logits smoothly."""
    cap: float | None = getattr(lm.hf.config, "final_logit_softcapping", None)
    return raw if cap is None else torch.tanh(raw / cap) * cap
