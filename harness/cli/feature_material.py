"""What `harness features` reads: transcoders, their language model and a corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from harness.experiments.context import Progress
    from harness.features.corpus import Corpus
    from harness.features.layers import FeatureSet
    from harness.models.language_model import LanguageModel

_DOCSTRING_TOKENS = 450
"""Of a docstring, about: so many are drawn that there are as many tokens as are asked for."""


class Asked(NamedTuple):
    """What every command is told."""

    model: str | None
    """`None` = the one that the transcoders name."""
    corpus: str
    tokens: int
    device: str
    dtype: str


class Material(NamedTuple):
    """A model and a corpus, with the moment at which the command began."""

    lm: "LanguageModel"
    corpus: "Corpus"
    began: float


def load_sets(refs: list[str], device: str, progress: "Progress") -> "tuple[FeatureSet, ...]":
    """The sets of these names; one that was never trained is trained now."""
    from harness.transcoders.sets import load_set

    return tuple(load_set(ref, device=device, progress=progress) for ref in refs)


def open_material(
    sets: "tuple[FeatureSet, ...]", asked: Asked, began: float, progress: "Progress"
) -> Material:
    """The language model of the sets, and the corpus that was asked for.

    Raises `HarnessError` for sets of two models, and of another than the given one.
    """
    from harness.features.layers import layers_of
    from harness.models.language_model import load_model
    from harness.record import HarnessError

    named = sorted({each.model for each in sets})
    if asked.model is None and len(named) > 1:
        raise HarnessError(f"these sets are of {' and '.join(named)}; one language model is read")
    lm = load_model(asked.model or named[0], device=asked.device, dtype=asked.dtype)
    tall = [each.ref for each in sets if each.n_layers > lm.n_layers]
    wide = [each.ref for each in sets if layers_of(each)[0].W_enc.shape[1] != lm.d_model]
    if tall or wide:
        raise HarnessError(f"{(tall or wide)[0]}: is not of {lm.ref}: layers or width differ")
    return Material(lm, _corpus(lm, sets[0], asked, progress), began)


def _corpus(
    lm: "LanguageModel", transcoders: "FeatureSet", asked: Asked, progress: "Progress"
) -> "Corpus":
    """The corpus that was asked for; of a set that others made, nothing is its own."""
    from harness.data.package_text import texts
    from harness.features.corpus import CONTEXT, corpus_of, own_corpus
    from harness.record import read_text

    context = min(CONTEXT, lm.context_length)
    match asked.corpus:
        case "own" if transcoders.manifest is not None:
            return own_corpus(lm, transcoders.manifest, tokens=asked.tokens, progress=progress)
        case "own" | "package_text":
            count = max(1, asked.tokens // _DOCSTRING_TOKENS)
            drawn = texts(count=count, least=300, seed=0)
            return corpus_of(lm, drawn.name, drawn.texts, context=context)
        case file:
            lines = [line for line in read_text(Path(file)).splitlines() if line.strip()]
            return corpus_of(lm, Path(file).name, lines, context=context)
