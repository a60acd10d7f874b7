"""A corpus as the windows of tokens that a language model reads of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from harness.data.content_hash import content_hash
from harness.models.language_model import LanguageModel
from harness.models.packing import Tokens
from harness.models.quiet import quiet_transformers
from harness.record import HarnessError
from harness.transcoders.corpus import make_corpus, windows
from harness.transcoders.manifest import TranscoderManifest
from harness.transcoders.sets import Progress

CONTEXT = 128
"""Tokens of a window where nothing else is said, the start token among them."""


@dataclass(frozen=True)
class Corpus:
    """Windows that differ from each other. The first position of each is an attention sink."""

    name: str
    context: int
    """Tokens of a window, at most."""
    windows: tuple[Tokens, ...]
    """Token ids; each begins with the model's start token where it has one."""
    occurrences: tuple[int, ...]
    """How often each window stands in the texts; it is read once."""

    @property
    def sha256(self) -> str:
        """Of the windows, in their order."""
        return content_hash(self.windows)

    @property
    def n_tokens(self) -> int:
        """Positions that count: all but the first of each window."""
        return sum(map(len, self.windows)) - len(self.windows)


def corpus_of(
    lm: LanguageModel, name: str, texts: Sequence[str], *, context: int = CONTEXT
) -> Corpus:
    """Cut each text into windows of at most `context` tokens, as transcoders are trained on.

    No window spans two texts. Raises `HarnessError` for a context that the model cannot read and
    for texts without a window.
    """
    if not 3 <= context <= lm.context_length:
        raise HarnessError(f"context {context}: {lm.ref} reads 3 to {lm.context_length} tokens")
    cut = (window for ids in _encode(lm, texts) for window in windows(lm, tuple(ids), context))
    return _corpus(name, context, cut)


def own_corpus(
    lm: LanguageModel,
    manifest: TranscoderManifest,
    *,
    tokens: int,
    progress: Progress = lambda _step, _done, _total: None,
) -> Corpus:
    """About so many tokens of what a set was trained and measured on, each kind in its share.

    What the model itself says is left out where there is anything else: it takes far longer to
    draw than to read. Raises `HarnessError` where a source has too few tokens.
    """
    recipe = manifest.recipe
    parts = [part for part in recipe.corpus if part.source != "samples"] or recipe.corpus
    share = min(1.0, tokens / sum(part.tokens for part in parts))
    wanted = tuple(
        part.model_copy(update={"tokens": max(1, round(share * part.tokens))}) for part in parts
    )
    found = make_corpus(lm, recipe.model_copy(update={"corpus": wanted}), progress)
    name = f"{recipe.id}: {', '.join(part.source for part in wanted)}"
    return _corpus(name, recipe.window, (*found.train, *found.heldout))


def _corpus(name: str, context: int, cut: Iterable[Tokens]) -> Corpus:
    found = Counter(cut)
    if not found:
        raise HarnessError(f"corpus {name}: no text has a window of two tokens that count")
    return Corpus(name, context, tuple(found), tuple(found.values()))


def _encode(lm: LanguageModel, texts: Sequence[str]) -> list[list[int]]:
    """Ids without special tokens. A text longer than the context is no fault here: it is cut."""
    if not texts:
        return []
    with quiet_transformers():
        found = lm.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return cast("list[list[int]]", found)
