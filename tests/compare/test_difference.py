"""Intervals of differences, against truths that were drawn from and formulas written out."""

import math

import numpy as np
import pytest
from scipy.stats import t

from harness.compare.difference import difference
from harness.estimate import Estimate, Term, contrast, estimate, share_units
from harness.measurement import Measurement
from tests.compare.planted import accuracies, angles

LEVEL = 0.95


def term(scores: list[float], *, units: str, weight: float = 1.0) -> Term:
    return Term(weight, accuracies({"a": [scores]}, units=units))


def known(got: Estimate | None) -> Estimate:
    assert got is not None and got.low is not None and got.high is not None, got
    return got


def width(got: Estimate | None) -> float:
    found = known(got)
    return found.high - found.low


def paired_scores(rng: np.random.Generator, units: int) -> tuple[list[float], list[float]]:
    """Two probes that err on the same hard units: P(first) = .8, P(second) = .7."""
    ease = rng.random(units)
    return (ease < 0.8).astype(float).tolist(), (ease < 0.7).astype(float).tolist()


def test_equal_rows_differ_by_exactly_nothing_and_unit_by_unit():
    scores = [1.0] * 80 + [0.0] * 20
    got = known(difference([term(scores, units="u")], [term(scores, units="u")]))
    assert got.mean == 0
    assert got.low < 0 < got.high
    apart = known(difference([term(scores, units="u")], [term(scores, units="v")]))
    assert apart.mean == 0
    assert width(got) < width(apart) / 2


def test_one_number_on_other_units_is_joined_by_mover():
    first, second = [1.0] * 60 + [0.0] * 40, [1.0] * 90 + [0.0] * 60
    ours, theirs = term(first, units="u"), term([*second, *[1.0] * 50], units="v")
    got = known(difference([ours], [theirs]))
    a, b = known(estimate(ours.rows)), known(estimate(theirs.rows))
    assert got.mean == pytest.approx(0.7 - 0.6)
    down = math.hypot(b.mean - b.low, a.high - a.mean)
    up = math.hypot(b.high - b.mean, a.mean - a.low)
    assert (got.low, got.high) == pytest.approx((got.mean - down, got.mean + up))


def test_disjoint_intervals_differ_in_the_right_direction():
    low, high = term([0.0] * 90 + [1.0] * 10, units="u"), term([1.0] * 90 + [0.0] * 10, units="v")
    assert known(difference([low], [high])).low > 0
    assert known(difference([high], [low])).high < 0


def test_units_are_shared_only_where_set_number_and_seeds_are():
    one, other = term([1.0, 0.0], units="u"), term([0.0, 1.0], units="u")
    assert share_units([one, other])
    assert not share_units([one, term([1.0, 0.0], units="v")])
    two_seeds = Term(1.0, accuracies({"a": [[1.0, 0.0], [0.0, 1.0]]}, units="u"))
    assert not share_units([one, two_seeds])
    bare = Term(1.0, angles(1)[:1])
    assert not share_units([bare, bare])


def test_what_was_not_measured_has_no_difference():
    one = term([1.0, 0.0], units="u")
    assert difference([one], [Term(1.0, [])]) is None
    assert difference([one, one], [one, Term(-1.0, [])]) is None


def test_bare_values_have_a_difference_without_an_interval():
    def bare(value: float) -> Term:
        row = angles(0)[0].model_copy(update={"value": value, "stderr": None})
        return Term(1.0, [row])

    for first, second in (
        ([bare(40)], [bare(50)]),
        ([bare(40), Term(-1.0, bare(10).rows)], [bare(50), Term(-1.0, bare(10).rows)]),
    ):
        got = difference(first, second)
        assert got is not None
        assert (got.mean, got.low, got.high, got.stderr) == (10, None, None, None)


def leads(rng: np.random.Generator, units: str, count: int = 150) -> list[Term]:
    """A lead of .1 of one probe over another on the same units."""
    first, second = paired_scores(rng, count)
    return [term(first, units=units), term(second, units=units, weight=-1.0)]


def test_two_leads_keep_the_pairing_that_each_has_within():
    rng = np.random.default_rng(0)
    first, second = leads(rng, "u"), leads(rng, "v")
    singly = contrast([*second, *(Term(-each.weight, each.rows) for each in first)])
    joined = difference(first, second)
    assert known(joined).mean == pytest.approx(known(singly).mean)
    assert width(joined) < 0.6 * width(singly)


def test_a_join_of_two_leads_adds_variances_as_two_samples_do():
    """But for the unit more at each end that `contrast` allows for: some 5 % at 150 units."""
    rng = np.random.default_rng(3)
    first, second = leads(rng, "u"), leads(rng, "v")
    scores = [
        np.subtract(*(each.rows[0].items.unpack() for each in side if each.rows[0].items))
        for side in (first, second)
    ]
    errors = [each.std(ddof=1) / math.sqrt(each.size) for each in scores]
    got = known(difference(first, second))
    assert got.stderr == pytest.approx(math.hypot(*errors))
    half = math.hypot(*errors) * float(t.ppf(0.975, 149))
    assert width(got) == pytest.approx(2 * half, rel=0.08)


@pytest.mark.parametrize("shared", [True, False], ids=["paired", "unpaired"])
def test_the_interval_covers_the_true_difference_at_its_level(shared: bool):
    rng, hits = np.random.default_rng(1), 0
    for _ in range(400):
        first, second = paired_scores(rng, 120)
        if not shared:
            second = (rng.random(120) < 0.7).astype(float).tolist()
        ours, theirs = term(first, units="u"), term(second, units="u" if shared else "v")
        got = known(difference([ours], [theirs], level=LEVEL))
        hits += got.low <= -0.1 <= got.high
    assert 0.92 <= hits / 400 <= 0.98


def test_the_interval_of_two_leads_covers_and_a_narrower_one_does_not():
    rng = np.random.default_rng(2)
    found = [known(difference(leads(rng, "u"), leads(rng, "v"))) for _ in range(400)]
    assert 0.92 <= np.mean([got.low <= 0 <= got.high for got in found]) <= 0.98
    halved = [(got.mean + got.low) / 2 <= 0 <= (got.mean + got.high) / 2 for got in found]
    assert np.mean(halved) < 0.8


def test_shared_seeds_that_move_both_alike_leave_a_narrow_difference():
    rng = np.random.default_rng(4)

    def rows(shift: float, seeds: list[float]) -> list[Measurement]:
        base = angles(0)[0]
        return [
            base.model_copy(
                update={"seed": i, "value": 40 + shift + s + rng.normal(0, 0.1), "stderr": 0.1}
            )
            for i, s in enumerate(seeds)
        ]

    common, other = rng.normal(0, 5, 6).tolist(), rng.normal(0, 5, 6).tolist()
    together = difference([Term(1.0, rows(0, common))], [Term(1.0, rows(2, common))])
    apart = difference([Term(1.0, rows(0, common))], [Term(1.0, rows(2, other))])
    assert known(together).low > 1
    assert width(apart) > 5 * width(together)
