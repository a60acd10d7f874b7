import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.features import kept
from harness.features.kept import Kept

FIELDS = np.dtype([("feature", "i4"), ("score", "f8"), ("window", "i4")])
ENTRIES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 9)), max_size=60)


@given(entries=ENTRIES, parts=st.integers(1, 7))
def test_the_best_of_each_feature_stay_in_whatever_portions_they_come(
    entries: list[tuple[int, int, int]], parts: int
) -> None:
    best = Kept(3, FIELDS)
    for part in np.array_split(np.array(entries, dtype=FIELDS), parts):
        best.add(part)
    for feature in range(4):
        own = sorted((-score, window) for f, score, window in entries if f == feature)[:3]
        found = best.of(feature)
        assert list(zip(-found["score"], found["window"], strict=True)) == own


def test_what_waits_is_dropped_before_the_stream_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_LEAST", 10)
    best = Kept(2, FIELDS)
    for window in range(200):
        best.add(np.array([(0, window, window), (1, -window, window)], dtype=FIELDS))
        assert len(best._kept) + best._n_waiting <= 4 + 10 + 2
    assert best.of(0)["window"].tolist() == [199, 198]
    assert best.of(1)["window"].tolist() == [0, 1]


def test_a_feature_without_entries_has_none() -> None:
    best = Kept(2, FIELDS)
    best.add(np.array([(3, 1.0, 0)], dtype=FIELDS))
    assert len(best.of(2)) == 0
    assert len(best.of(3)) == 1
