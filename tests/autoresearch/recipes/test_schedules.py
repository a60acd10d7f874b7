"""Learning rate and k over a training, by hand."""

import pytest

from harness.autoresearch.recipes.recipe import begin, k_multiple, rate_left, trained_l0
from tests.autoresearch.recipes.given import CONTRACT, D_IN, drawn, knobs


def test_the_rate_falls_over_the_last_fraction() -> None:
    third = knobs(lr_decay=0.4)
    found = [rate_left(at, third) for at in (0.0, 0.6, 0.8, 0.9, 1.0)]
    assert found == pytest.approx([1, 1, 0.5, 0.25, 0])
    assert [rate_left(at, knobs(lr_decay=0.0)) for at in (0.0, 0.5, 1.0)] == [1, 1, 1]


def test_k_falls_to_its_end_and_stays_there() -> None:
    linear = knobs(k_anneal=0.5, k_start=3.0)
    found = [k_multiple(at, linear) for at in (0.0, 0.125, 0.25, 0.5, 0.9)]
    assert found == pytest.approx([3, 2.5, 2, 1, 1])
    cosine = knobs(k_anneal=0.5, k_start=3.0, k_shape="cosine")
    found = [k_multiple(at, cosine) for at in (0.0, 0.125, 0.25, 0.5, 0.9)]
    assert found == pytest.approx([3, 2 + 0.5**0.5, 2, 1, 1])
    assert k_multiple(0.0, knobs(k_anneal=0.0, k_start=3.0)) == 1


def test_a_step_follows_the_schedules() -> None:
    chosen = knobs(k_anneal=0.5, k_start=3.0, lr_decay=0.5, lista_steps=1, learning_rate=0.002)
    run = begin(D_IN, CONTRACT, chosen, seed=0)
    seen: list[tuple[float, float]] = []
    for progress in (0.0, 0.75):
        run.step(drawn(50, D_IN, scale=3).float(), progress)
        assert len({pick.k for pick in run.picks}) == 1, "LISTA steps have the same k"
        seen.append((run.picks[0].k, run.adam.param_groups[0]["lr"]))
    assert seen == [pytest.approx((9.0, 0.002)), pytest.approx((3.0, 0.001))]


def test_what_refinement_drops_is_trained_in_addition() -> None:
    assert trained_l0(5.0, knobs(refine=True, refine_spare=0.4)) == pytest.approx(7.0)
    assert trained_l0(5.0, knobs(refine=False, refine_spare=0.4)) == 5.0
