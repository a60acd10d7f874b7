"""The residual stream of a language model over documents, in one pass that stops at the layer."""

import re
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from harness.autoresearch.scorer.bench import Progress
from harness.models.forward import read_ends
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.packing import PackedBatch, Tokens
from harness.models.tokenization import tokenize
from harness.record import HarnessError

_CHARACTERS = 500
"""Of a passage: some hundred tokens."""
_PASSAGES = 16
"""In a forward pass."""


def residual(
    lm: LanguageModel, documents: Sequence[str], layer: int, tokens: int, progress: Progress
) -> tuple[Float[Tensor, "tokens d"], int]:
    """The stream before a layer at the first `tokens` tokens, and how many documents they took.

    The first token of a passage is left out: it is an attention sink, whose norm dwarfs all
    others'. Raises `HarnessError` where the documents have fewer tokens.
    """
    at = Hookpoint("resid_pre", layer)
    found = torch.empty(tokens, lm.d_model)
    done = 0
    for number, document in enumerate(documents, start=1):
        for passages in _batches(_passages(document, lm)):
            rows = read_ends(lm, _packed(tokenize(lm, passages)), [at])[at][: tokens - done]
            found[done : done + len(rows)] = rows.float().cpu()
            done += len(rows)
        progress("reading activations", done, tokens)
        if done == tokens:
            return found, number
    raise HarnessError(f"{lm.ref}: {done} tokens in all documents; {tokens} are asked for")


def _passages(document: str, lm: LanguageModel) -> list[str]:
    """Pieces that end at a space, and that a model of single bytes can read too."""
    most = min(_CHARACTERS, lm.context_length // 2)
    pieces = re.findall(rf"\S.{{1,{most}}}(?=\s|$)", document, flags=re.DOTALL)
    return sorted(pieces, key=len)


def _batches(passages: list[str]) -> Iterator[list[str]]:
    return (passages[first : first + _PASSAGES] for first in range(0, len(passages), _PASSAGES))


def _packed(sequences: Sequence[Tokens]) -> PackedBatch:
    """A row a passage, padded on the right; all tokens but the first are read."""
    lengths = torch.tensor([len(each) for each in sequences])
    tokens = torch.zeros(len(sequences), int(lengths.max()), dtype=torch.long)
    for row, each in enumerate(sequences):
        tokens[row, : len(each)] = torch.tensor(each)
    columns = torch.arange(tokens.shape[1])
    visible = columns < lengths[:, None]
    rows, ends = (visible & (columns > 0)).nonzero(as_tuple=True)
    return PackedBatch(
        tokens=tokens,
        depths=columns.expand(tokens.shape),
        visible=visible,
        rows=rows,
        columns=ends,
        sequences=torch.arange(len(rows)),
    )
