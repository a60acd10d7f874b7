from collections import Counter
from typing import get_args

import pytest

from harness.data.behaviour_situations import ANSWERS, STEMS
from harness.data.behaviours import (
    SITUATIONS,
    Behaviour,
    ChoiceQuestion,
    questions,
    with_choices,
)
from harness.record import HarnessError

every_behaviour = pytest.mark.parametrize("behaviour", get_args(Behaviour))


@every_behaviour
def test_there_are_enough_situations_each_written_once(behaviour: Behaviour) -> None:
    assert len(set(SITUATIONS[behaviour])) == len(SITUATIONS[behaviour]) >= 150
    assert all(stem.count("{}") == 1 for stem in STEMS[behaviour])


@every_behaviour
def test_answers_of_a_pair_differ_little_in_length(behaviour: Behaviour) -> None:
    for matching, other in ANSWERS[behaviour]:
        assert matching != other
        assert abs(len(matching.split()) - len(other.split())) <= 1


@every_behaviour
def test_train_and_test_share_no_situation_whatever_their_seeds(behaviour: Behaviour) -> None:
    train = {each.unit for each in questions(behaviour, part="train", size=100, seed=0).questions}
    test = {each.unit for each in questions(behaviour, part="test", size=50, seed=5).questions}
    assert (len(train), len(test)) == (100, 50)
    assert not train & test


@every_behaviour
def test_each_letter_matches_in_half_of_the_questions(behaviour: Behaviour) -> None:
    for seed in range(5):
        made = questions(behaviour, part="test", size=30, seed=seed).questions
        assert Counter(each.letter for each in made) == {"A": 15, "B": 15}


@every_behaviour
def test_questions_are_short_and_end_where_the_letter_follows(behaviour: Behaviour) -> None:
    for part in ("train", "test"):
        for each in questions(behaviour, part=part, size=50, seed=1).questions:
            text = with_choices(each)
            assert len(text.split()) <= 60
            assert text.endswith("\nAnswer: (")
            assert f"({each.letter}) {each.matching}\n" in text
            assert (each.matching, each.other) in ANSWERS[behaviour]


def test_layout_is_the_one_written_down() -> None:
    asked = ChoiceQuestion("What now?", "Go.", "Stay.", "B", "now")
    assert with_choices(asked) == "What now?\nChoices:\n (A) Stay.\n (B) Go.\nAnswer: ("


def test_equal_seeds_give_equal_questions_and_another_seed_others() -> None:
    one, same, other = (
        questions("thrift", part="train", size=20, seed=seed).sha256 for seed in (0, 0, 1)
    )
    assert one == same != other


@pytest.mark.parametrize("size", [0, 7, 52])
def test_sizes_that_cannot_be_had_are_refused(size: int) -> None:
    with pytest.raises(HarnessError, match=r"company_test: size .* even numbers from 2 to 50"):
        questions("company", part="test", size=size, seed=0)
