"""What a feature writes, seen by the unembedding alone."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.models.language_model import LanguageModel

TOP_TOKENS = 10
_AT_ONCE = 1 << 24
"""Logits that are held together, at most, unless one feature alone has more."""


class Effects(NamedTuple):
    """The tokens that one decoder row moves most, the strongest first."""

    raised: Int[Tensor, " k"]
    raised_by: Float[Tensor, " k"]
    lowered: Int[Tensor, " k"]
    lowered_by: Float[Tensor, " k"]
    """Mostly below 0."""


def effects(lm: LanguageModel, decoders: Float[Tensor, "feature d"]) -> Iterator[Effects]:
    """W_U w for each decoder row w, in logits an activation of 1, without norm and bias.

    What layers between do with it is left out (the "logit lens" of a direction), and so is the
    scale of the final norm, which differs from prompt to prompt.
    """
    head = lm.hf.get_output_embeddings()
    assert isinstance(head, nn.Linear), type(head)
    unembedding = head.weight
    k = min(TOP_TOKENS, len(unembedding))
    with torch.inference_mode():
        for rows in decoders.split(max(1, _AT_ONCE // len(unembedding))):
            moved = rows.to(unembedding) @ unembedding.T
            most, least = moved.float().topk(k), moved.float().topk(k, largest=False)
            for row in range(len(rows)):
                yield Effects(
                    most.indices[row].cpu(),
                    most.values[row].cpu(),
                    least.indices[row].cpu(),
                    least.values[row].cpu(),
                )
