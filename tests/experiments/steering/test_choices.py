"""Hope planted along one axis is what the vector of optimism finds; letters fool nobody."""

from typing import Literal, get_args

import pytest
import torch

from harness.data import behaviours
from harness.data.behaviours import ChoiceQuestion, questions
from harness.experiments.steering.answers import about_words, shares, sheet
from harness.experiments.steering.streams import Way, unchanged
from harness.experiments.steering.vectors import adding
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.specs import steering
from tests.experiments.steering.conftest import HOPE, Run, made, names, one, quantities

TASK = {"kind": "choices", "behaviours": ["optimism"], "answer": "text", "train": 16, "test": 8}
COEFFICIENTS = [-1.0, 0.0, 1.0]
CONTROL = "random_direction"
ASKED = ChoiceQuestion("How will it go?", "It will go well.", "It will go badly.", "B", "it")


@pytest.fixture(scope="module")
def rows(run: Run, planted_lm: LanguageModel) -> list[Measurement]:
    return run(planted_lm, TASK, coefficients=COEFFICIENTS)


def test_names_of_specs_are_those_of_the_data() -> None:
    assert get_args(steering.Behaviour) == get_args(behaviours.Behaviour)


def test_the_planted_behaviour_rises_and_falls_with_the_coefficient(
    rows: list[Measurement],
) -> None:
    down, base, up = (
        one(rows, "choice_probability", behaviour="all", coefficient=by) for by in COEFFICIENTS
    )
    assert down + 0.05 < base < up - 0.05
    assert one(rows, "choice_shift", layer="chosen") == pytest.approx(up - down)


def test_a_random_direction_of_the_same_length_does_far_less(rows: list[Measurement]) -> None:
    real = one(rows, "choice_shift", layer="chosen")
    assert abs(one(rows, "choice_shift", CONTROL, layer="chosen")) < real / 2


def test_coefficient_zero_is_the_same_for_the_vector_and_the_control(
    rows: list[Measurement],
) -> None:
    at = {"behaviour": "optimism", "coefficient": 0.0}
    assert one(rows, "choice_probability", **at) == one(rows, "choice_probability", CONTROL, **at)


@pytest.mark.parametrize("answer", ["letter", "text"])
def test_every_quantity_that_is_promised_is_measured_and_no_other(
    run: Run, planted_lm: LanguageModel, answer: str
) -> None:
    task = {**TASK, "answer": answer, "behaviours": ["optimism", "thrift"]}
    spec = made(task, layer_step=2)
    assert names(spec.produces([0])) == quantities(run(planted_lm, task, layer_step=2))


def test_letters_are_of_no_use_to_a_model_that_does_not_read(
    run: Run, planted_lm: LanguageModel
) -> None:
    """Balanced letters leave a model without opinion at one half, and vectors do not change it."""
    rows = run(planted_lm, {**TASK, "answer": "letter", "train": 40, "test": 20})
    assert one(rows, "letter_accuracy") <= 0.6
    for by in COEFFICIENTS:
        assert one(rows, "choice_probability", behaviour="all", coefficient=by) == pytest.approx(
            0.5, abs=0.05
        )


@pytest.mark.parametrize("answer", ["letter", "text"])
def test_probabilities_of_both_orders_of_the_answers_add_up_to_one(
    random_lm: LanguageModel, answer: Literal["letter", "text"]
) -> None:
    turned = ASKED._replace(matching=ASKED.other, other=ASKED.matching, letter="A")
    ways = {"": Way(0, unchanged), "up": Way(1, adding(torch.ones(32), 2.0))}
    ours = shares(random_lm, sheet(random_lm, [ASKED], answer), ways)
    theirs = shares(random_lm, sheet(random_lm, [turned], answer), ways)
    for name in ways:
        assert float(ours[name] + theirs[name]) == pytest.approx(1, abs=1e-4)


def test_the_words_of_an_answer_are_scored_as_a_plain_forward_scores_them(
    random_lm: LanguageModel,
) -> None:
    given = sheet(random_lm, [ASKED], "text")
    (found,) = shares(random_lm, given, {"": Way(0, unchanged)})[""].tolist()
    totals: list[float] = []
    for turn in (given.matching[0], given.other[0]):
        with torch.inference_mode():
            scores = random_lm.hf(torch.tensor([turn.ids])).logits[0].log_softmax(-1)
        at = range(turn.answer, len(turn.ids))
        totals.append(sum(float(scores[place - 1, turn.ids[place]]) for place in at))
    assert found == pytest.approx(torch.sigmoid(torch.tensor(totals[0] - totals[1])).item(), 1e-4)


def test_nothing_before_the_end_of_the_question_is_steered(planted_lm: LanguageModel) -> None:
    """A vector that would change everything leaves the question's own positions alone."""
    seen: list[torch.Tensor] = []

    def note(resid: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen.append(mask)
        return resid

    given = sheet(planted_lm, [ASKED], "text")
    shares(planted_lm, given, {"": Way(0, note)})
    rows = [row for mask in seen for row in mask]
    for turn, row in zip((*given.matching, *given.other), rows, strict=True):
        places = row.nonzero().flatten().tolist()
        assert places == list(range(turn.prompt, len(turn.ids)))


def test_the_pointing_question_names_the_matching_answer() -> None:
    for each in questions("thrift", part="test", size=4, seed=0).questions:
        asked = about_words(each)
        assert each.matching in asked.question and asked.letter == each.letter


def test_the_vector_lies_along_the_planted_axis(planted_lm: LanguageModel) -> None:
    from pathlib import Path

    from harness.experiments.context import Context
    from harness.experiments.steering.choice_sets import read_sets
    from harness.experiments.steering.choice_vectors import Differences

    context = Context(Path("x"), device="cpu", use_cache=False)
    task = made({**TASK, "train": 40}).task
    assert isinstance(task, steering.Choices)
    differences = Differences.read(planted_lm, read_sets(planted_lm, task, context), context)
    vector = differences.vectors(1, 0)["optimism"]
    assert int(vector.abs().argmax()) == HOPE and vector[HOPE] > 0
    assert float(vector[HOPE] / vector.norm()) > 0.8
