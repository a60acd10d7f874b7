"""One packed forward pass that stops as soon as the last hookpoint has been read."""

from collections.abc import Sequence
from contextlib import ExitStack

import torch
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import Visit, attach
from harness.models.language_model import LanguageModel
from harness.models.packing import PackedBatch


class _Done(Exception):
    """Everything that was asked for has been read."""


def read_ends(
    lm: LanguageModel, batch: PackedBatch, hookpoints: Sequence[Hookpoint]
) -> dict[Hookpoint, Tensor]:
    """Activations where each sequence ends: [end, d_model], for `z` [end, n_heads, d_head].

    They are inference tensors on the model's device. Only the rows asked for outlive their layer.
    """
    rows, columns = batch.rows.to(lm.device), batch.columns.to(lm.device)
    gathered: dict[Hookpoint, Tensor] = {}

    def gather(hookpoint: Hookpoint) -> Visit:
        def visit(activation: Tensor) -> None:
            gathered[hookpoint] = activation[rows, columns]
            if len(gathered) == len(hookpoints):
                raise _Done

        return visit

    with ExitStack() as hooks, torch.inference_mode():
        for hookpoint in hookpoints:
            hooks.callback(attach(lm, hookpoint, gather(hookpoint)).remove)
        try:
            lm.hf.base_model(
                input_ids=batch.tokens.to(lm.device),
                position_ids=batch.depths.to(lm.device),
                attention_mask=_attention_mask(lm, batch),
                use_cache=False,
            )
        except _Done:
            return gathered
    raise AssertionError(f"{set(hookpoints) - set(gathered)} were never passed")


def _attention_mask(lm: LanguageModel, batch: PackedBatch) -> Tensor:
    """What is visible as transformers takes it: padding as is, a tree as an additive 4D mask."""
    visible = batch.visible.to(lm.device)
    if visible.ndim == 2:
        return visible.long()
    hidden = torch.zeros(visible.shape, dtype=lm.dtype, device=lm.device)
    return hidden.masked_fill_(~visible, torch.finfo(lm.dtype).min).unsqueeze(1)
