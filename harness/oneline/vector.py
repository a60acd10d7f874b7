"""A steering vector from texts of two kinds: a difference of means, attention sinks left out."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel
from harness.models.sinks import mean_without_sinks
from harness.models.tokenization import tokenize
from harness.record import HarnessError

BATCH_TEXTS = 16
"""Texts that are padded and read together."""


def difference_of_means(
    lm: LanguageModel, point: Hookpoint, positive: Sequence[str], negative: Sequence[str]
) -> Float[Tensor, " d_model"]:
    """Mean of the positive texts less mean of the negative ones; each text counts once.

    Raises `HarnessError` for a text that is nothing but a sink, and where the means are equal.
    """
    means = [mean_activations(lm, texts, point).mean(0) for texts in (positive, negative)]
    vector = means[0] - means[1]
    if not bool(vector.norm() > 0):
        raise HarnessError("positive and negative texts have one mean: there is no direction")
    return vector


@torch.inference_mode()
def mean_activations(
    lm: LanguageModel, texts: Sequence[str], point: Hookpoint
) -> Float[Tensor, "text d_model"]:
    """Mean over each text's tokens that are no sinks.

    Raises `HarnessError` for a text that is nothing but the first token.
    """
    sequences = tokenize(lm, texts)
    for text, sequence in zip(texts, sequences, strict=True):
        if len(sequence) < 2:
            raise HarnessError(
                f"{text!r} is one token, the first, which is an attention sink: nothing is left "
                "to fit a direction on; give a longer text"
            )
    batches = [sequences[i : i + BATCH_TEXTS] for i in range(0, len(sequences), BATCH_TEXTS)]
    return torch.cat([_means(lm, batch, point) for batch in batches])


def _means(
    lm: LanguageModel, sequences: Sequence[tuple[int, ...]], point: Hookpoint
) -> Float[Tensor, "text d_model"]:
    """Padding stands on the right, where causal attention keeps it from the text."""
    width = max(map(len, sequences))
    ids = torch.zeros(len(sequences), width, dtype=torch.long)
    positions = torch.full_like(ids, -1)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        positions[row, : len(sequence)] = torch.arange(len(sequence))
    with capture(lm, [point]) as at:
        lm.hf.base_model(input_ids=ids.to(lm.device), use_cache=False)
    return mean_without_sinks(at[point].float(), positions.to(lm.device))
