"""The best entries of each feature out of a stream of unknown length, in bounded memory."""

import numpy as np
from jaxtyping import Shaped

Entries = Shaped[np.ndarray, " entry"]
"""A structured array with the fields `feature`, `score`, `window` and whatever else is kept."""

_LEAST = 1 << 15
"""Entries that may wait before the worst are dropped."""


class Kept:
    """Keeps, for each feature, the entries of highest score; of equal ones the first window's."""

    def __init__(self, most: int, fields: np.dtype) -> None:
        self._most = most
        self._kept: Entries = np.empty(0, dtype=fields)
        self._features = self._kept["feature"].copy()
        self._waiting: list[Entries] = []
        self._n_waiting = 0

    def add(self, entries: Entries) -> None:
        """Take what is among the best so far. The order in which entries come does not matter."""
        assert entries.dtype == self._kept.dtype, entries.dtype
        self._waiting.append(entries)
        self._n_waiting += len(entries)
        if self._n_waiting > max(_LEAST, len(self._kept)):
            self._settle()

    def of(self, feature: int) -> Entries:
        """The best entries of a feature, in falling order of score."""
        self._settle()
        first, end = np.searchsorted(self._features, [feature, feature + 1])
        return self._kept[first:end]

    def _settle(self) -> None:
        """Sort by feature and drop what is not among the best of its feature."""
        if not self._n_waiting:
            return
        entries = np.concatenate([self._kept, *self._waiting])
        order = np.lexsort((entries["window"], -entries["score"], entries["feature"]))
        features = entries["feature"][order]
        rank = np.arange(len(features)) - np.searchsorted(features, features)
        order = order[rank < self._most]
        self._kept, self._waiting, self._n_waiting = entries[order], [], 0
        self._features = self._kept["feature"].copy()
