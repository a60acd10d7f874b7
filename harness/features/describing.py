"""From what was gathered of a feature to its dashboard as data."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from harness.features.chosen import Chosen
from harness.features.corpus import Corpus
from harness.features.details import Example, ExamplesQuantile, FeatureDetails, Source
from harness.features.gathering import EXAMPLE_TOKENS, TOP_WINDOWS, Gathering
from harness.features.kept import Entries
from harness.features.logits import Effects, effects
from harness.features.token_texts import TokenTexts
from harness.models.language_model import LanguageModel

BANDS = 4
"""Quarters of the windows in which a feature fires, by their peak."""
BAND_EXAMPLES = 5
BINS = 40
_DIGITS = 6


class Read(NamedTuple):
    """A corpus as a model has read it."""

    lm: LanguageModel
    corpus: Corpus
    source: Source
    texts: TokenTexts


def describe(read: Read, chosen: Chosen, gathered: Gathering) -> Iterator[FeatureDetails]:
    """Dashboards of the chosen features, in their order."""
    rows = chosen.transcoder.W_dec[list(chosen.indices)]
    for number, moved in enumerate(effects(read.lm, rows)):
        yield _details(read, Of(chosen, number), gathered, moved)


class Of(NamedTuple):
    """One of the chosen features."""

    chosen: Chosen
    number: int


def _details(read: Read, of: Of, gathered: Gathering, moved: Effects) -> FeatureDetails:
    active = int(gathered.active[of.number])
    density = active / gathered.n_tokens
    values = gathered.values.of(of.number)["value"]
    low, high = (_extreme(each[of.number]) for each in (gathered.lowest, gathered.highest))
    bars = _histogram(values, low, high, active)
    top, bottom = (read.texts.words(ids.tolist()) for ids in (moved.raised, moved.lowered))
    return FeatureDetails(
        transcoder_id=f"{read.source.transcoders}/layer_{of.chosen.layer}",
        index=of.chosen.indices[of.number],
        layer=of.chosen.layer,
        examples_quantiles=tuple(_quantiles(read, gathered, of.number)),
        top_logits=top,
        bottom_logits=bottom,
        act_min=low,
        act_max=high,
        quantile_values=_percentiles(values),
        histogram=bars.heights,
        activation_frequency=density,
        frac_nonzero=density,
        freq_hist_data_bar_heights=bars.heights,
        freq_hist_data_bar_values=bars.middles,
        maxActApprox=high,
        pos_str=top,
        pos_values=_rounded(moved.raised_by.numpy()),
        neg_str=bottom,
        neg_values=_rounded(moved.lowered_by.numpy()),
        active_tokens=active,
        sampled_tokens=len(values),
        source=read.source,
    )


def _quantiles(read: Read, gathered: Gathering, number: int) -> Iterator[ExamplesQuantile]:
    """The top windows, then those of each quarter that has any left; a window stands in one."""
    top = gathered.top.of(number)[:TOP_WINDOWS]
    if not len(top):
        return
    yield ExamplesQuantile(
        quantile_name="Top activations", examples=tuple(_example(read, each) for each in top)
    )
    spread = gathered.spread.of(number)
    ranked = spread[np.lexsort((spread["window"], -spread["peak"]))]
    for band, windows in enumerate(np.array_split(ranked, BANDS)):
        rest = windows[~np.isin(windows["window"], top["window"])]
        shown = rest[np.linspace(0, len(rest) - 1, min(BAND_EXAMPLES, len(rest))).astype(int)]
        if len(shown):
            high, low = (100 - 100 * (band + step) // BANDS for step in (0, 1))
            yield ExamplesQuantile(
                quantile_name=f"Peak percentile {low}–{high}",
                examples=tuple(_example(read, each) for each in shown),
            )


def _example(read: Read, entry: Entries) -> Example:
    window = int(entry["window"])
    counted = read.corpus.windows[window][1:]
    start = int(entry["start"])
    tokens = counted[start : start + EXAMPLE_TOKENS]
    return Example(
        tokens=read.texts.passage(tokens),
        tokens_acts_list=_rounded(entry["activations"][: len(tokens)]),
        train_token_ind=int(entry["place"]),
        is_repeated_datapoint=read.corpus.occurrences[window] > 1,
    )


class _Bars(NamedTuple):
    heights: tuple[float, ...]
    middles: tuple[float, ...]


def _histogram(
    values: Float[np.ndarray, " value"], low: float | None, high: float | None, active: int
) -> _Bars:
    """Heights add up to the number of active positions, also where only some were sampled."""
    if low is None or high is None:
        return _Bars((), ())
    counts, edges = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    heights = counts * (active / len(values))
    return _Bars(_rounded(heights), _rounded((edges[:-1] + edges[1:]) / 2))


def _percentiles(values: Float[np.ndarray, " value"]) -> tuple[float, ...]:
    return _rounded(np.percentile(values, np.arange(1, 101))) if len(values) else ()


def _extreme(value: np.float32) -> float | None:
    """None where nothing was seen."""
    return _round(value) if np.isfinite(value) else None


def _rounded(values: Float[np.ndarray, " value"]) -> tuple[float, ...]:
    return tuple(map(_round, values))


def _round(value: np.floating) -> float:
    """So many digits that a reader loses nothing and a file is a third as long."""
    return float(f"{value:.{_DIGITS}g}")
