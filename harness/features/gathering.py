"""What is gathered of a layer's features as a corpus streams by: an accumulator around counts.

Counts, extremes and top windows are exact. Distributions come from uniform samples of bounded
size, which hold everything where a feature fires no more often than that. What is sampled depends
on window and place alone: not on batches, nor on which features are looked at together.
"""

import numpy as np
from jaxtyping import Float, Int, UInt64

from harness.features.kept import Entries, Kept

TOP_WINDOWS = 12
"""Windows of highest activation that are kept of a feature."""
SPREAD_WINDOWS = 64
"""Windows that are kept of a feature at random among all in which it fires."""
SAMPLED_VALUES = 1024
"""Activations that are kept of a feature at random among all that are not 0."""
EXAMPLE_TOKENS = 64
"""Tokens of a window that are shown around the peak, at most."""
_BEFORE_PEAK = 48

_VALUE = np.dtype([("feature", "i4"), ("score", "f8"), ("window", "i4"), ("value", "f4")])
_WINDOW = np.dtype(
    [
        ("feature", "i4"),
        ("score", "f8"),
        ("window", "i4"),
        ("peak", "f4"),
        ("place", "i4"),
        ("start", "i4"),
        ("activations", "f4", (EXAMPLE_TOKENS,)),
    ]
)


class Gathering:
    """Of `n_features` features, numbered in the order of the choice."""

    def __init__(self, n_features: int, context: int) -> None:
        self._context = context
        self.n_tokens = 0
        """Positions that counted so far."""
        self.active = np.zeros(n_features, dtype=np.int64)
        """Positions at which each feature is not 0."""
        self.lowest = np.full(n_features, np.inf, dtype=np.float32)
        """Of the activations that are not 0; infinite before there is one."""
        self.highest = np.full(n_features, -np.inf, dtype=np.float32)
        self.values = Kept(SAMPLED_VALUES, _VALUE)
        self.top = Kept(TOP_WINDOWS, _WINDOW)
        self.spread = Kept(SPREAD_WINDOWS, _WINDOW)

    def add(
        self,
        windows: Int[np.ndarray, " row"],
        lengths: Int[np.ndarray, " row"],
        activations: Float[np.ndarray, "row place feature"],
    ) -> None:
        """Take in the activations of a few windows; behind a window's end they are 0."""
        active = activations != 0
        self.n_tokens += int(lengths.sum())
        self.active += active.sum((0, 1))
        peaks = np.where(active, activations, -np.inf)
        self.highest = np.maximum(self.highest, peaks.max((0, 1)))
        self.lowest = np.minimum(self.lowest, np.where(active, activations, np.inf).min((0, 1)))
        self.values.add(self._values(windows, activations))
        row, feature = np.nonzero(active.any(1))
        place = peaks.argmax(1)[row, feature]
        found = _peaks(activations, lengths, row, place, feature)
        found["window"] = windows[row]
        found["score"] = found["peak"]
        self.top.add(found)
        drawn = found.copy()
        drawn["score"] = _draw(windows[row] * self._context)
        self.spread.add(drawn)

    def _values(
        self, windows: Int[np.ndarray, " row"], activations: Float[np.ndarray, "row place feature"]
    ) -> Entries:
        row, place, feature = np.nonzero(activations)
        entries = np.empty(len(row), dtype=_VALUE)
        entries["feature"], entries["window"] = feature, windows[row]
        entries["value"] = activations[row, place, feature]
        # Place 0 is a window's second position, so no key is that of a window as a whole.
        entries["score"] = _draw(windows[row] * self._context + place + 1)
        return entries


def _peaks(
    activations: Float[np.ndarray, "row place feature"],
    lengths: Int[np.ndarray, " row"],
    row: Int[np.ndarray, " entry"],
    place: Int[np.ndarray, " entry"],
    feature: Int[np.ndarray, " entry"],
) -> Entries:
    """An entry for each window and feature that fires in it, without its number and score."""
    entries = np.zeros(len(row), dtype=_WINDOW)
    start = np.clip(place - _BEFORE_PEAK, 0, np.maximum(lengths[row] - EXAMPLE_TOKENS, 0))
    width = min(EXAMPLE_TOKENS, activations.shape[1])
    shown = start[:, None] + np.arange(width)
    inside = np.minimum(shown, activations.shape[1] - 1)
    entries["feature"], entries["place"], entries["start"] = feature, place - start, start
    entries["peak"] = activations[row, place, feature]
    entries["activations"][:, :width] = activations[row[:, None], inside, feature[:, None]]
    return entries


def _draw(position: Int[np.ndarray, " entry"]) -> Float[np.ndarray, " entry"]:
    """A number in [0, 1) for each position that looks drawn."""
    return _splitmix(position.astype(np.uint64)).astype(np.float64) / 2.0**64


def _splitmix(state: UInt64[np.ndarray, " entry"]) -> UInt64[np.ndarray, " entry"]:
    """Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", figure 15."""
    mixed = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
