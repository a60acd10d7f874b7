"""Two features side by side, measured on one corpus in one pass.

What NP-Feature-Compare shows of two Neuronpedia features, and two numbers that need the corpus
and the weights: the correlation of activations and the cosine of decoder rows.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from jaxtyping import Float
from pydantic import Field, NonNegativeInt

from harness.features.agreement import correlation, cosine
from harness.features.chosen import Chosen, Place, choose
from harness.features.corpus import Corpus
from harness.features.dashboards import require_mlp_in, source_of
from harness.features.describing import Read, describe
from harness.features.details import FeatureDetails
from harness.features.gathering import Gathering
from harness.features.layers import FeatureSet, layers_of
from harness.features.reading import Progress, Seen, no_progress, read
from harness.features.token_texts import TokenTexts
from harness.models.language_model import LanguageModel
from harness.record import Record, write_text

Cosine = Annotated[float, Field(ge=-1, le=1)]


class Side(NamedTuple):
    """One of the two features, and the set that it is of."""

    transcoders: FeatureSet
    place: Place


class FeatureComparison(Record):
    """Two features over the same positions of one corpus."""

    left: FeatureDetails
    right: FeatureDetails
    activation_correlation: Cosine | None
    """Pearson's r over all positions that count; `None` where one of the two never fires."""
    decoder_cosine: Cosine | None
    """`None` where a decoder row is 0."""
    both_active: NonNegativeInt
    """Positions at which neither is 0."""
    shared_top_logits: tuple[str, ...]
    """Tokens among the most raised ones of both, in the order of the left."""

    def to_json(self) -> str:
        """The text of a file; what is not known stands there as null."""
        return self.model_dump_json() + "\n"

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        write_text(path, self.to_json())


def compare(
    lm: LanguageModel,
    left: Side,
    right: Side,
    corpus: Corpus,
    *,
    progress: Progress = no_progress,
) -> FeatureComparison:
    """Compare two features of transcoders of one model, of the same set or of two.

    Raises `HarnessError` for a layer or an index that a set does not have, and for a set that
    reads another place than the MLP's input.
    """
    sides = (left, right)
    for side in sides:
        require_mlp_in(side.transcoders)
    chosen = [_choose(side) for side in sides]
    gatherings = [Gathering(1, corpus.context) for _ in sides]
    traces = _gather(read(lm, corpus, chosen, progress), gatherings)
    one, other = (
        next(_describe(lm, corpus, side, each, gathering))
        for side, each, gathering in zip(sides, chosen, gatherings, strict=True)
    )
    rows = [each.transcoder.W_dec[each.indices[0]].float().cpu().numpy() for each in chosen]
    return FeatureComparison(
        left=one,
        right=other,
        activation_correlation=correlation(traces[0], traces[1]),
        decoder_cosine=cosine(rows[0], rows[1]),
        both_active=int(((traces[0] != 0) & (traces[1] != 0)).sum()),
        shared_top_logits=tuple(word for word in one.top_logits if word in other.top_logits),
    )


def _choose(side: Side) -> Chosen:
    return choose(layers_of(side.transcoders), side.place.layer, [side.place.feature])


def _gather(
    stream: Iterable[Seen], gatherings: list[Gathering]
) -> list[Float[np.ndarray, " token"]]:
    """Fill the gatherings; the activations themselves at every position that counts."""
    traces: list[list[Float[np.ndarray, " token"]]] = [[] for _ in gatherings]
    for seen in stream:
        counted = np.arange(seen.activations[0].shape[1]) < seen.lengths[:, None]
        for gathering, trace, found in zip(gatherings, traces, seen.activations, strict=True):
            gathering.add(seen.windows, seen.lengths, found)
            trace.append(found[counted][:, 0])
    return [np.concatenate(trace) for trace in traces]


def _describe(lm: LanguageModel, corpus: Corpus, side: Side, chosen: Chosen, gathered: Gathering):
    about = Read(lm, corpus, source_of(lm, side.transcoders, corpus), TokenTexts(lm))
    return describe(about, chosen, gathered)
