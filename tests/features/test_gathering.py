import numpy as np
import pytest

from harness.features.gathering import (
    EXAMPLE_TOKENS,
    SAMPLED_VALUES,
    SPREAD_WINDOWS,
    TOP_WINDOWS,
    Gathering,
)

CONTEXT = 100


def _sparse(rows: int, share: float, seed: int = 0) -> np.ndarray:
    """Activations [row, place, 3]: 0 with probability `1 - share`, else exponential."""
    generator = np.random.default_rng(seed)
    values = generator.exponential(size=(rows, CONTEXT - 1, 3)).astype(np.float32)
    return values * (generator.random(values.shape) < share)


def _gather(activations: np.ndarray, order: np.ndarray, portion: int = 7) -> Gathering:
    gathered = Gathering(activations.shape[2], CONTEXT)
    for start in range(0, len(order), portion):
        some = order[start : start + portion]
        gathered.add(some, np.full(len(some), CONTEXT - 1), activations[some])
    return gathered


def test_counts_and_extremes_are_those_of_the_whole() -> None:
    activations = _sparse(60, 0.02)
    gathered = _gather(activations, np.arange(60))
    assert gathered.n_tokens == 60 * (CONTEXT - 1)
    assert gathered.active.tolist() == (activations != 0).sum((0, 1)).tolist()
    assert gathered.highest.tolist() == activations.max((0, 1)).tolist()
    assert gathered.lowest.tolist() == [
        activations[..., each][activations[..., each] > 0].min() for each in range(3)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_portions_nor_other_features_change_what_is_kept(seed: int) -> None:
    activations = _sparse(150, 0.2)
    order = np.random.default_rng(seed).permutation(150)
    one, other = _gather(activations, np.arange(150)), _gather(activations, order, 31)
    alone = _gather(activations[..., 1:2], np.arange(150))
    for table in ("values", "top", "spread"):
        found = getattr(one, table).of(1)
        assert np.array_equal(found, getattr(other, table).of(1)), table
        lone = getattr(alone, table).of(0)
        assert np.array_equal(found["window"], lone["window"]), table
        assert np.array_equal(found["score"], lone["score"]), table


def test_top_windows_are_those_of_highest_peak_and_no_window_stands_twice() -> None:
    activations = _sparse(150, 0.2)
    top = _gather(activations, np.arange(150)).top.of(2)
    expected = np.argsort(-activations[..., 2].max(1))[:TOP_WINDOWS]
    assert top["window"].tolist() == expected.tolist()


def test_few_activations_are_all_kept_and_many_are_sampled_evenly() -> None:
    few = _gather(_sparse(60, 0.01), np.arange(60))
    assert [len(few.values.of(each)) for each in range(3)] == few.active.tolist()
    activations = _sparse(150, 0.5)
    many = _gather(activations, np.arange(150))
    values = many.values.of(0)["value"]
    assert len(values) == SAMPLED_VALUES
    real = activations[..., 0][activations[..., 0] > 0]
    # Six standard errors of a quantile's rank in a sample of 1024.
    ranks = [(real < np.quantile(values, q)).mean() for q in (0.25, 0.5, 0.75)]
    assert np.abs(np.array(ranks) - [0.25, 0.5, 0.75]).max() < 6 * 0.5 / np.sqrt(SAMPLED_VALUES)


def test_windows_at_random_come_from_all_of_the_corpus() -> None:
    spread = _gather(_sparse(150, 0.5), np.arange(150)).spread.of(0)["window"]
    assert len(set(spread.tolist())) == SPREAD_WINDOWS
    assert 45 < spread.mean() < 105


@pytest.mark.parametrize(("place", "start"), [(0, 0), (50, 2), (98, 99 - EXAMPLE_TOKENS)])
def test_the_part_that_is_shown_holds_the_peak_and_stays_inside(place: int, start: int) -> None:
    activations = np.zeros((1, CONTEXT - 1, 1), dtype=np.float32)
    activations[0, :, 0] = np.arange(1, CONTEXT) / CONTEXT
    activations[0, place, 0] = 5.0
    (entry,) = _gather(activations, np.arange(1)).top.of(0)
    assert (entry["start"], entry["place"]) == (start, place - start)
    assert (
        entry["activations"].tolist() == activations[0, start : start + EXAMPLE_TOKENS, 0].tolist()
    )


def test_a_feature_that_never_fires_has_nothing() -> None:
    gathered = _gather(np.zeros((4, CONTEXT - 1, 1), dtype=np.float32), np.arange(4))
    assert (gathered.active.tolist(), gathered.n_tokens) == ([0], 4 * (CONTEXT - 1))
    assert not np.isfinite([gathered.lowest[0], gathered.highest[0]]).any()
    assert len(gathered.top.of(0)) == len(gathered.values.of(0)) == len(gathered.spread.of(0)) == 0
