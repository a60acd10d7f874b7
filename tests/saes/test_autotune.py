import random

import pytest

from harness.saes.autotune import Autotuner

TARGET = 25.0


def tuner(**changes: float) -> Autotuner:
    return Autotuner(**{"target": TARGET, "start": 0, "gain": 0.01, **changes})  # type: ignore


def multipliers(made: Autotuner, l0s: "list[float]") -> list[float]:
    found: list[float] = []
    for step, l0 in enumerate(l0s):
        made.follow(l0, step)
        found.append(made.multiplier)
    return found


def test_the_multiplier_rises_while_too_many_latents_are_active() -> None:
    found = multipliers(tuner(), [2 * TARGET] * 50)
    assert found == sorted(set(found))
    assert found[0] == pytest.approx(1.01, rel=1e-4)


def test_it_falls_while_too_few_are() -> None:
    found = multipliers(tuner(), [TARGET / 2] * 50)
    assert found == sorted(set(found), reverse=True)


def test_at_the_target_it_stays() -> None:
    assert multipliers(tuner(), [TARGET] * 50) == [1.0] * 50


@pytest.mark.parametrize(("l0", "bound"), [(1000.0, 100.0), (0.0, 0.01)])
def test_it_stays_within_its_bounds(l0: float, bound: float) -> None:
    assert multipliers(tuner(gain=0.1), [l0] * 500)[-1] == bound


def test_it_moves_more_the_further_the_l0_is_off() -> None:
    near, far = (multipliers(tuner(), [TARGET * by])[0] for by in (1.01, 1.2))
    assert 1 < near < far


def test_it_hardly_moves_while_the_l0_is_on_its_way() -> None:
    falling = [2 * TARGET - step * 0.2 for step in range(40)]
    still = multipliers(tuner(), [2 * TARGET] * 40)[-1] - 1
    underway = multipliers(tuner(), falling)[-1] - 1
    assert 0 < underway < 0.05 * still


def test_it_waits_for_its_start_but_follows_the_l0() -> None:
    made = tuner(start=30)
    found = multipliers(made, [2 * TARGET] * 31)
    assert found[:30] == [1.0] * 30
    assert found[30] > 1
    assert made.smoothed == pytest.approx(2 * TARGET)


@pytest.mark.parametrize("plant", [50.0, 12.5])
def test_a_planted_plant_reaches_the_target(plant: float) -> None:
    """Its L0 is inversely proportional to the coefficient, and batches differ by some percent."""
    made, noise = tuner(gain=0.003), random.Random(0)
    for step in range(10_000):
        made.follow(plant / made.multiplier * noise.gauss(1, 0.05), step)
    assert plant / made.multiplier == pytest.approx(TARGET, rel=0.03)
    assert plant != pytest.approx(TARGET, rel=0.4), "the control: untuned it is elsewhere"


def test_a_single_odd_batch_hardly_moves_it() -> None:
    odd = multipliers(tuner(), [TARGET] * 20 + [2 * TARGET])[-1] - 1
    assert odd < 0.2 * (multipliers(tuner(), [2 * TARGET])[-1] - 1)
