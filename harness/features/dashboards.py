"""Dashboards of chosen features: one pass over a corpus, whatever the number of layers."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from harness.features.chosen import Chosen
from harness.features.corpus import Corpus
from harness.features.describing import Read, describe
from harness.features.details import FeatureDetails, Source
from harness.features.gathering import Gathering
from harness.features.layers import FeatureSet
from harness.features.reading import Progress, no_progress, read
from harness.features.token_texts import TokenTexts
from harness.models.language_model import LanguageModel
from harness.record import HarnessError


def dashboards(
    lm: LanguageModel,
    transcoders: FeatureSet,
    corpus: Corpus,
    chosen: Sequence[Chosen],
    *,
    progress: Progress = no_progress,
) -> Iterator[FeatureDetails]:
    """Each chosen feature, layer by layer. The corpus is read before the first one comes.

    Memory does not grow with the corpus: about 0.1 MiB a feature, at most. Raises `HarnessError`
    for a set that reads another place than the MLP's input.
    """
    require_mlp_in(transcoders)
    gatherings = [Gathering(len(each.indices), corpus.context) for each in chosen]
    for seen in read(lm, corpus, chosen, progress):
        for gathering, activations in zip(gatherings, seen.activations, strict=True):
            gathering.add(seen.windows, seen.lengths, activations)
    about = Read(lm, corpus, source_of(lm, transcoders, corpus), TokenTexts(lm))
    for each, gathering in zip(chosen, gatherings, strict=True):
        yield from describe(about, each, gathering)


def require_mlp_in(transcoders: FeatureSet) -> None:
    """Raises `HarnessError` for a set that reads another place than the MLP's input."""
    place = transcoders.config.feature_input_hook
    if place != "mlp.hook_in":
        raise HarnessError(f"{transcoders.ref}: reads {place!r}; features of mlp.hook_in are read")


def source_of(lm: LanguageModel, transcoders: FeatureSet, corpus: Corpus) -> Source:
    """What dashboards of this set, read on this corpus, are measured with."""
    return Source(
        model=_public(lm.ref),
        model_sha256=lm.sha256,
        transcoders=_public(transcoders.ref),
        transcoders_sha256=transcoders.sha256,
        corpus=corpus.name,
        corpus_sha256=corpus.sha256,
        context=corpus.context,
        windows=len(corpus.windows),
        tokens=corpus.n_tokens,
    )


def _public(ref: str) -> str:
    """A folder by its own name: where it lies on this machine is nobody's business."""
    path = ref.removeprefix("path:")
    return PurePath(path).name if path != ref or PurePath(path).is_absolute() else ref
