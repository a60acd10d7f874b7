from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, t, ttest_1samp

from harness.estimate import Estimate, Term, contrast, crossed_variance, estimate, wilson
from harness.measurement import Items, Measurement


def row(value: float, *, seed: int = 0, n: int = 100, **changes: object) -> Measurement:
    given: dict[str, object] = {
        "experiment": "e",
        "metric": "accuracy_binary",
        "value": value,
        "n": n,
        "seed": seed,
        "conditions": {},
    }
    return Measurement.model_validate({**given, **changes})


def scored(scores: Sequence[float], *, seed: int = 0, units: str = "u") -> Measurement:
    packed = Items.pack(units, list(scores))
    return row(float(np.mean(packed.unpack())), seed=seed, n=len(scores), items=packed)


def angle(value: float, seed: int = 0, **changes: object) -> Measurement:
    return row(value, seed=seed, metric="direction_angle", **changes)


def found(given: Sequence[Term] | Sequence[Measurement], level: float = 0.95) -> Estimate:
    """The estimate of a contrast, or of the rows of one quantity."""
    terms = [each for each in given if isinstance(each, Term)]
    rows = [each for each in given if isinstance(each, Measurement)]
    got = contrast(terms or [Term(1.0, rows)], level=level)
    assert got is not None
    return got


def width(got: Estimate) -> float:
    assert got.low is not None and got.high is not None
    return got.high - got.low


def anova_variance(table: NDArray[np.float64]) -> tuple[float, float]:
    """Variance of the grand mean and its part from seeds, by explicit sums of squares."""
    seeds, units = table.shape
    grand = sum(map(sum, table.tolist())) / table.size
    by_unit = [sum(table[s][u] for s in range(seeds)) / seeds for u in range(units)]
    by_seed = [sum(table[s][u] for u in range(units)) / units for s in range(seeds)]
    ss_unit = seeds * sum((mean - grand) ** 2 for mean in by_unit)
    ss_seed = units * sum((mean - grand) ** 2 for mean in by_seed)
    ss_all = sum((table[s][u] - grand) ** 2 for s in range(seeds) for u in range(units))
    ms_unit, ms_seed = ss_unit / (units - 1), ss_seed / (seeds - 1)
    ms_rest = (ss_all - ss_unit - ss_seed) / ((units - 1) * (seeds - 1))
    from_seeds = max(ms_seed - ms_rest, 0) / table.size
    return ms_unit / table.size + from_seeds, from_seeds


@pytest.mark.parametrize("seed_spread", [0.0, 1.0])
def test_crossed_variance_is_that_of_an_analysis_of_variance(seed_spread: float) -> None:
    rng = np.random.default_rng(0)
    table = (
        rng.normal(size=(1, 7)) + seed_spread * rng.normal(size=(4, 1)) + rng.normal(size=(4, 7))
    )
    spread = crossed_variance(table)
    assert spread is not None
    assert (spread.variance, spread.by_seed) == pytest.approx(anova_variance(table))


def test_crossed_variance_by_hand() -> None:
    """Two seeds, two units: means of units 1 and 2, of seeds 0 and 3; the rest is 0."""
    spread = crossed_variance(np.array([[-0.5, 0.5], [2.5, 3.5]]))
    assert spread is not None
    assert spread.by_unit == pytest.approx(0.5 / 2)
    assert spread.by_seed == pytest.approx(4.5 / 2)


def test_crossed_variance_is_the_true_one_on_average() -> None:
    rng = np.random.default_rng(1)
    tables = (
        2 * rng.normal(size=(4000, 1, 20))
        + 1.5 * rng.normal(size=(4000, 5, 1))
        + 3 * rng.normal(size=(4000, 5, 20))
    )
    true = 4 / 20 + 2.25 / 5 + 9 / 100
    spreads = [crossed_variance(table) for table in tables]
    estimated = np.mean([spread.variance for spread in spreads if spread])
    assert tables.mean((1, 2)).var() == pytest.approx(true, rel=0.06)
    assert estimated == pytest.approx(true, rel=0.06)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (81, 263), (15, 148)])
def test_wilson_is_scipys_for_plain_counts(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    share = hits / n
    z = 1.959963984540054
    assert wilson(share, share * (1 - share) / n, n, z) == pytest.approx(tuple(expected))


def test_wilson_gives_newcombes_published_interval() -> None:
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17:857, table I)."""
    share = 81 / 263
    low, high = wilson(share, share * (1 - share) / 263, 263, 1.959964)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 1000), st.floats(1.9, 13))
def test_wilson_stays_within_zero_and_one_and_holds_the_mean(
    mean: float, variance: float, units: int, t_value: float
) -> None:
    low, high = wilson(mean, variance, units, t_value)
    assert 0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1


def test_half_scores_give_a_narrower_interval_than_whole_ones() -> None:
    """Two statements a unit, one right in each: less spread than as many units right or wrong."""
    half, whole = scored([0.5, 1.0] * 50), scored([1.0, 1.0, 1.0, 0.0] * 25)
    assert half.value == whole.value == 0.75
    assert width(found([half])) < 0.7 * width(found([whole]))


def test_one_seed_with_items_has_an_interval_and_no_seed_error() -> None:
    got = found([scored([1, 0, 1, 1])])
    assert got.seed_stderr is None
    assert got.stderr == pytest.approx(0.25)
    assert got.low is not None and 0 < got.low < 0.75


def test_one_value_without_stderr_has_no_interval() -> None:
    got = found([row(0.8)])
    assert (got.mean, got.stderr, got.low, got.high) == (0.8, None, None, None)


def test_one_unit_has_no_interval() -> None:
    got = found([scored([1.0])])
    assert (got.mean, got.stderr, got.low, got.high) == (1.0, None, None, None)


def test_nothing_measured_is_none_and_not_zero() -> None:
    assert estimate([]) is None
    assert contrast([Term(1, [row(0.8)]), Term(-1, [])]) is None


def test_perfect_score_on_few_units_is_not_surely_perfect() -> None:
    few, many = found([scored([1.0] * 5)]), found([scored([1.0] * 500)])
    assert few.low is not None and few.low < 0.5
    assert many.low is not None and many.low > 0.99


def test_seeds_alone_give_students_interval() -> None:
    values = [61.0, 64.0, 62.0, 67.0]
    got = found([angle(value, seed) for seed, value in enumerate(values)])
    expected = ttest_1samp(values, 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx(tuple(expected))
    assert got.seed_stderr == got.stderr


def test_one_value_with_stderr_gives_students_interval_over_units() -> None:
    got = found([angle(60, stderr=2.0, n=11)])
    assert got.high == pytest.approx(60 + t.ppf(0.975, 10) * 2)
    assert got.seed_stderr is None


def test_squared_half_widths_of_units_and_seeds_add() -> None:
    got = found([angle(58, 0, stderr=2.0, n=21), angle(62, 1, stderr=2.0, n=21)])
    by_unit, by_seed = t.ppf(0.975, 20) * 2, t.ppf(0.975, 1) * 2
    assert got.high == pytest.approx(60 + (by_unit**2 + by_seed**2) ** 0.5)
    assert got.stderr == pytest.approx(8**0.5)
    assert got.seed_stderr == pytest.approx(2)


def test_pairing_cancels_what_units_share() -> None:
    rng = np.random.default_rng(2)
    hard = rng.random(200) < 0.4
    one, other = np.where(hard, 0.0, 1.0), np.where(hard, 0.0, 1.0)
    other[rng.choice(200, 10, replace=False)] = 0.5
    paired = found([Term(1, [scored(one)]), Term(-1, [scored(other)])])
    apart = found([Term(1, [scored(one)]), Term(-1, [scored(other, units="others")])])
    assert paired.mean == pytest.approx(apart.mean)
    assert width(paired) < 0.25 * width(apart)


def test_pairing_of_whole_scores_is_bonett_and_prices_interval() -> None:
    """100 pairs, 20 won and 8 lost: two pseudo-pairs are added, one won and one lost."""
    one = [1.0] * 20 + [0.0] * 8 + [1.0] * 72
    other = [0.0] * 20 + [1.0] * 8 + [1.0] * 72
    got = found([Term(1, [scored(one)]), Term(-1, [scored(other)])])
    won, lost = 21 / 102, 9 / 102
    half = 1.984 * ((won + lost - (won - lost) ** 2) / 102) ** 0.5
    assert (got.low, got.high) == pytest.approx((won - lost - half, won - lost + half), abs=1e-3)


def test_no_difference_on_few_units_is_not_exactly_zero() -> None:
    few = found([Term(1, [scored([1, 0] * 5)]), Term(-1, [scored([1, 0] * 5)])])
    many = found([Term(1, [scored([1, 0] * 500)]), Term(-1, [scored([1, 0] * 500)])])
    assert few.mean == many.mean == 0
    assert width(few) > 0.4
    assert width(many) < 0.01


def test_quantities_on_other_units_are_joined_by_mover() -> None:
    """Newcombe's hybrid score interval for 56/70 - 48/80: 0.0524 to 0.3339 (1998, table II)."""
    one = row(56 / 70, n=70, stderr=(0.8 * 0.2 / 70) ** 0.5)
    other = row(48 / 80, n=80, stderr=(0.6 * 0.4 / 80) ** 0.5)
    got = found([Term(1, [one]), Term(-1, [other])])
    assert (got.low, got.high) == pytest.approx((0.0524, 0.3339), abs=0.004)
    assert got.n == 70


def test_what_shared_seeds_do_to_both_quantities_cancels() -> None:
    """Three seeds move two quantities, measured on other units, up and down alike."""

    def rows(mean: float, *shifts: float, start: int = 0) -> list[Measurement]:
        seeds = enumerate(shifts, start=start)
        return [row(mean + shift, seed=seed, stderr=0.03) for seed, shift in seeds]

    def difference(one: list[Measurement], other: list[Measurement]) -> float:
        return width(found([Term(1, one), Term(-1, other)]))

    one, up_and_down = rows(0.8, -0.1, 0, 0.1), (-0.1, 0.0, 0.1)
    together = difference(one, rows(0.6, *up_and_down))
    apart = difference(one, rows(0.6, *up_and_down, start=7))
    against = difference(one, rows(0.6, 0.1, 0, -0.1))
    assert together == pytest.approx(difference(rows(0.8, 0), rows(0.6, 0)))
    assert together < apart / 2 < against / 2
    assert against**2 - together**2 == pytest.approx((2 * t.ppf(0.975, 2) * 0.2) ** 2 / 3, rel=1e-3)


def test_one_value_repeated_by_every_seed_is_not_certain() -> None:
    got = found([angle(60, seed) for seed in range(3)])
    assert (got.stderr, got.low, got.high) == (None, None, None)
    assert width(found([row(0.75, seed=seed) for seed in range(3)])) > 0.2


def test_rows_of_other_seeds_are_not_paired() -> None:
    scores = [1.0, 0.0] * 20
    same = found([Term(1, [scored(scores)]), Term(-1, [scored(scores)])])
    other = found([Term(1, [scored(scores)]), Term(-1, [scored(scores, seed=1)])])
    assert width(other) > 2 * width(same)


def test_one_set_name_with_two_sizes_is_not_paired() -> None:
    got = found([Term(1, [scored([1, 0] * 4)]), Term(-1, [scored([1, 0] * 8)])])
    assert got.n == 8


def test_contrast_with_one_bare_value_has_no_interval() -> None:
    got = found([Term(1, [scored([1, 0])]), Term(-1, [row(0.2)])])
    assert (got.mean, got.low, got.stderr) == (pytest.approx(0.3), None, None)


def test_a_seed_effect_widens_the_interval() -> None:
    rng = np.random.default_rng(3)
    alike = [scored((rng.random(300) < 0.7).astype(float), seed=seed) for seed in range(3)]
    shares = (0.55, 0.7, 0.85)
    apart = [scored((rng.random(300) < p).astype(float), seed=s) for s, p in enumerate(shares)]
    assert width(found(apart)) > 3 * width(found(alike))
    got = found(apart)
    assert got.seed_stderr is not None and got.stderr is not None
    assert got.seed_stderr > 0.9 * got.stderr


def test_a_stricter_level_is_wider() -> None:
    terms = [Term(1, [scored([1, 0, 1, 1])]), Term(-1, [scored([1, 0, 0, 1])])]
    assert width(found(terms, 0.99)) > width(found(terms, 0.95))
