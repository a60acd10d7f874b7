"""The proposer that draws knobs, on a planted optimum and on what it must never do."""

import math
import random
from pathlib import Path
from statistics import fmean

import pytest

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.knobs import active, contract_problems, read_knobs, values, with_values
from harness.autoresearch.proposers.optuna_search import OptunaSearch
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal, Remembered
from tests.autoresearch.knob_recipes import KNOBS, TASK, TOY, brief, remembered, toy

FOUR = """learning_rate: {value: 0.0002, low: 0.0001, high: 0.01, log: true}
a: {value: 0.1, low: 0.0, high: 1.0}
b: {value: 0.9, low: 0.0, high: 1.0}
c: {value: 1, low: 0, high: 10}
"""
Scalars = dict[str, bool | int | float | str]


def planted(found: Scalars) -> float:
    """1 at a learning rate of 0.0025, a = 0.6, b = 0.3, c = 7; less by the squared distance."""
    rate, a, b, c = (float(found[name]) for name in ("learning_rate", "a", "b", "c"))
    rate = math.log(rate / 1e-4) / math.log(100)
    return 1 - ((rate - 0.7) ** 2 + (a - 0.6) ** 2 + (b - 0.3) ** 2 + (c / 10 - 0.7) ** 2)


def proposed(asked: Brief) -> Proposal:
    answer = OptunaSearch().propose(asked, Path())
    assert isinstance(answer, Proposal), answer
    return answer


def drawn(asked: Brief) -> Scalars:
    return values(proposed(asked).candidate.knobs)


def moved(asked: Brief) -> set[str]:
    before, after = values(asked.parent.knobs), drawn(asked)
    return {name for name in before if before[name] != after[name]}


def hill_climbed(trials: int) -> float:
    """The planted score that the proposer's kept candidates reach; scores are noisy."""
    noise = random.Random(0)
    parent, score = toy(FOUR), planted(values(FOUR))
    memory: list[Remembered] = []
    for trial in range(1, trials + 1):
        candidate = proposed(brief(trial, parent=parent, score=score, memory=memory)).candidate
        found = planted(values(candidate.knobs)) + noise.gauss(0, 0.002)
        memory.append(remembered(trial, values(candidate.knobs), found))
        if found > score + 0.005:
            parent, score = candidate, found
    return planted(values(parent.knobs))


def drawn_at_random(trials: int, repeats: int) -> float:
    """The best planted score among as many uniform draws, on average over repeats."""
    chance = random.Random(0)

    def score() -> float:
        rate = 1e-4 * 100 ** chance.random()
        a, b, c = chance.random(), chance.random(), chance.randint(0, 10)
        return planted({"learning_rate": rate, "a": a, "b": b, "c": c})

    return fmean(max(score() for _ in range(trials)) for _ in range(repeats))


def test_a_planted_optimum_is_found_where_random_draws_come_only_near() -> None:
    assert planted(values(FOUR)) < -0.2
    assert 1 - hill_climbed(60) < 0.3 * (1 - drawn_at_random(60, 100))


def test_what_is_drawn_follows_from_the_brief() -> None:
    memory = [remembered(n, {"learning_rate": 0.001 * n}, 0.1 * n) for n in range(1, 6)]
    asked = brief(6, memory=memory)
    assert proposed(asked) == proposed(asked)
    assert proposed(asked) != proposed(asked._replace(seed=7))


@pytest.mark.parametrize("trial", range(1, 9))
def test_what_is_drawn_keeps_to_ranges_and_contract(trial: int) -> None:
    candidate = proposed(brief(trial)).candidate
    assert contract_problems(candidate, TASK.contract) == []
    assert candidate.code == TOY.code


def test_every_second_trial_changes_three_knobs_at_most() -> None:
    more = "".join(f"k{n}: {{value: 0.5, low: 0.0, high: 1.0}}\n" for n in range(8))
    many = toy(FOUR + more)
    assert all(1 <= len(moved(brief(trial, parent=many))) <= 3 for trial in range(1, 20, 2))
    assert all(len(moved(brief(trial, parent=many))) > 3 for trial in range(2, 20, 2))


def test_a_knob_without_effect_keeps_its_value() -> None:
    for trial in range(1, 30):
        asked = brief(trial)
        after = proposed(asked).candidate.knobs
        assert moved(asked) <= active(read_knobs(after))


def test_what_was_tried_is_not_proposed_again() -> None:
    two = "learning_rate: {value: 0.001, low: 0.001, high: 0.001}\na: {value: 0, low: 0, high: 2}\n"
    first = drawn(brief(1, parent=toy(two)))["a"]
    tried = remembered(1, {"learning_rate": 0.001, "a": first}, 0.4)
    second = drawn(brief(1, parent=toy(two), memory=[tried]))["a"]
    assert {first, second} == {1, 2}
    other = remembered(2, {"learning_rate": 0.001, "a": second}, 0.4)
    answer = OptunaSearch().propose(brief(1, parent=toy(two), memory=[tried, other]), Path())
    assert isinstance(answer, Exhausted) and answer.why == "proposer"


def test_a_trial_that_differs_without_effect_counts_as_tried() -> None:
    one = "a: {value: 0, low: 0, high: 1}\nb: {value: 0.5, low: 0.0, high: 1.0, when: a}\n"
    one += "learning_rate: {value: 0.001, low: 0.001, high: 0.001}\n"
    for seed in range(5):
        asked = brief(1, parent=toy(one), memory=[remembered(1, {"a": 0, "b": 0.9}, 0.4)])
        assert drawn(asked._replace(seed=seed))["a"] == 1


def test_regions_that_do_not_run_are_kept_away_from() -> None:
    text = FOUR.replace("value: 0.1, low", "value: 0.2, low")
    known = [
        remembered(n, {**values(text), "a": (n % 40) / 40}, None if n % 40 > 20 else 0.5)
        for n in range(1, 80)
    ]
    asked = [brief(trial, parent=toy(text), memory=known) for trial in range(80, 120, 2)]
    low = sum(float(drawn(each)["a"]) <= 0.5 for each in asked)
    control = [brief(trial, parent=toy(text)) for trial in range(80, 120, 2)]
    assert low >= 17 > sum(float(drawn(each)["a"]) <= 0.5 for each in control)


def test_memory_of_another_recipe_is_read_as_far_as_it_goes() -> None:
    strange = remembered(1, {"learning_rate": 0.002, "gone": True}, 0.4)
    unreadable = remembered(2, {}, None)
    outside = remembered(3, {"learning_rate": 99.0, "shape": "square"}, 0.9)
    assert moved(brief(4, memory=[strange, unreadable, outside]))


def test_a_choice_of_numbers_and_truth_values_is_told_apart() -> None:
    text = "learning_rate: {value: 0.001, low: 0.001, high: 0.001}\n"
    text += "a: {value: 1, choices: [1, true, 1.0]}\n"
    tried = [remembered(1, {"learning_rate": 0.001, "a": True}, 0.4)]
    found = drawn(brief(1, parent=toy(text), memory=tried))["a"]
    assert (found, type(found)) == (1.0, float)


def test_the_title_says_what_changed() -> None:
    asked = brief(1)
    answer = proposed(asked)
    before, after = values(asked.parent.knobs), values(answer.candidate.knobs)
    changed = [name for name in before if before[name] != after[name]]
    assert all(f"{name} " in answer.title and f"{name} " in answer.reason for name in changed)
    assert "→" in answer.title


def test_the_plan_names_the_knobs_that_were_tried_least() -> None:
    tried: list[Remembered] = []
    for n in range(1, 4):
        new: Scalars = {"learning_rate": 0.001 * n, "refine_steps": n, "refine_size": 0.1 * n}
        tried.append(remembered(n, {**values(KNOBS), **new, "shape": "none"}, 0.5))
    first, second, *_ = OptunaSearch().plan(brief(4, memory=tried), Path())
    assert first == "shape: one of none, linear, cosine; 1 value tried"
    assert second == "shape_from: 1 to 4; 1 value tried"


def test_a_recipe_with_nothing_to_turn_is_exhausted() -> None:
    fixed = Candidate(code=TOY.code, knobs="learning_rate: {value: 1, low: 1, high: 1}\n")
    assert isinstance(OptunaSearch().propose(brief(1, parent=fixed), Path()), Exhausted)
    assert with_values(fixed.knobs, {"learning_rate": 1}) == fixed.knobs
