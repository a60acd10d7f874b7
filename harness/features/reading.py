"""A corpus to activations of features, batch by batch: one forward a batch, whatever the layers.

The forward stops after the last MLP input that is needed, and nothing outlives its batch.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.features.chosen import Chosen
from harness.features.corpus import Corpus
from harness.models.extraction import BATCH_TOKENS
from harness.models.forward import read_ends
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.packing import PackedBatch, pack_padded
from harness.transcoders.sets import Progress
from harness.transcoders.transcoder import JumpReLU, Transcoder

MOST_CELLS = 1 << 24
"""Tokens times latents that are encoded together, at most, unless one window alone is larger."""


class Seen(NamedTuple):
    """Activations of a few windows at the positions that count: place 0 is a window's second."""

    windows: Int[np.ndarray, " row"]
    """Number of each window within the corpus."""
    lengths: Int[np.ndarray, " row"]
    """Places that count."""
    activations: tuple[Float[np.ndarray, "row place feature"], ...]
    """By layer, in the order of the choice; 0 behind the end of a window."""


def no_progress(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""


def read(
    lm: LanguageModel,
    corpus: Corpus,
    chosen: Sequence[Chosen],
    progress: Progress = no_progress,
) -> Iterator[Seen]:
    """Every window once, the longest first. Raises `HarnessError` for a layer the model lacks."""
    chosen = [each._replace(transcoder=_on(each.transcoder, lm.device)) for each in chosen]
    widest = max(len(each.transcoder.b_enc) for each in chosen)
    tokens = min(BATCH_TOKENS[lm.device.type], max(1, MOST_CELLS // widest))
    hookpoints = sorted({Hookpoint("mlp_in", each.layer) for each in chosen})
    done = 0
    for batch in pack_padded(corpus.windows, tokens):
        windows = batch.sequences
        counted = _counted(batch)
        inputs = read_ends(lm, counted, hookpoints)
        yield Seen(
            windows=windows.numpy(),
            lengths=batch.visible.sum(1).numpy() - 1,
            activations=tuple(_encode(inputs, counted, each) for each in chosen),
        )
        done += len(windows)
        progress("reading the corpus", done, len(corpus.windows))


def _on(transcoder: Transcoder, device: torch.device) -> Transcoder:
    """What `encode` needs, where the model is."""
    activation = transcoder.activation
    if isinstance(activation, JumpReLU):
        activation = JumpReLU(activation.threshold.to(device))
    return transcoder._replace(
        W_enc=transcoder.W_enc.to(device),
        b_enc=transcoder.b_enc.to(device),
        activation=activation,
    )


def _counted(batch: PackedBatch) -> PackedBatch:
    """The batch, to be read at all positions but the first of each row."""
    rows, places = batch.visible[:, 1:].nonzero(as_tuple=True)
    return batch._replace(rows=rows, columns=places + 1, sequences=batch.sequences[rows])


def _encode(
    inputs: dict[Hookpoint, Tensor], batch: PackedBatch, chosen: Chosen
) -> Float[np.ndarray, "row place feature"]:
    weights = chosen.transcoder.W_enc
    with torch.inference_mode():
        found = inputs[Hookpoint("mlp_in", chosen.layer)].to(weights)
        latents = chosen.transcoder.encode(found)[:, list(chosen.indices)].float().cpu()
    rows, width = batch.tokens.shape
    dense = np.zeros((rows, width - 1, len(chosen.indices)), dtype=np.float32)
    dense[batch.rows.numpy(), batch.columns.numpy() - 1] = latents.numpy()
    return dense
