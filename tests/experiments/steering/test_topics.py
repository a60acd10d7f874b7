"""A planted topic is brought up by its pair of prompts and by no random vector."""

from typing import get_args

import pytest
import torch

from harness.data import topics
from harness.data.topic_texts import SENTENCES
from harness.data.topics import PAIRS, mentions
from harness.experiments.steering.topic_vectors import (
    adding_at_front,
    adding_by_row,
    pair_vectors,
)
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.specs import steering
from tests.experiments.steering.conftest import WEDDING, Run, made, names, one, quantities

TASK = {"kind": "topics", "topics": ["weddings"], "prompts": 8, "tokens": 3}
COEFFICIENTS = [-20.0, 0.0, 20.0]
CONTROL = "random_direction"


@pytest.fixture(scope="module")
def rows(run: Run, planted_lm: LanguageModel) -> list[Measurement]:
    return run(planted_lm, TASK, coefficients=COEFFICIENTS)


def test_names_of_specs_are_those_of_the_data() -> None:
    assert get_args(steering.Topic) == get_args(topics.Topic)


def test_the_planted_topic_comes_up_with_its_vector_and_not_without(
    rows: list[Measurement],
) -> None:
    rates = [one(rows, "behaviour_rate", coefficient=by) for by in COEFFICIENTS]
    assert rates[:2] == [0, 0] and rates[2] > 0.9
    assert one(rows, "behaviour_rate", CONTROL, coefficient=20.0) < 0.3


def test_the_layer_is_one_from_which_the_topic_reaches_the_end(
    rows: list[Measurement],
) -> None:
    """Block 1 alone carries anything on; what is added after it stays where it is."""
    assert one(rows, "chosen_layer") == 0


def test_every_quantity_that_is_promised_is_measured_and_no_other(
    rows: list[Measurement],
) -> None:
    assert names(made(TASK, coefficients=COEFFICIENTS).produces()) == quantities(rows)


def test_the_vector_has_no_part_at_the_first_position(planted_lm: LanguageModel) -> None:
    for vector in pair_vectors(planted_lm, PAIRS["weddings"]):
        assert float(vector[0].norm()) == 0
        assert int(vector[1].abs().argmax()) == WEDDING


def test_each_row_of_a_batch_gets_its_own_vector_at_its_own_positions() -> None:
    """Padding is on the left; positions count from each text's first token."""
    resid = torch.ones(3, 4, 2)
    positions = torch.tensor([[0, 1, 2, 3], [-1, -1, 0, 1], [0, 1, 2, 3]])
    vector = torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 0.0]])
    edit = adding_by_row([vector, 10 * vector, None])
    moved = edit(resid, positions) - resid
    assert moved[0].tolist() == [[0, 0], [1, 2], [3, 0], [0, 0]]
    assert moved[1].tolist() == [[0, 0], [0, 0], [0, 0], [10, 20]]
    assert not moved[2].any()


def test_later_tokens_are_not_steered() -> None:
    edit = adding_by_row([torch.ones(3, 2)])
    resid = torch.ones(1, 1, 2)
    assert edit(resid, torch.tensor([[7]])) is resid


def test_texts_get_the_vector_at_their_first_positions_only() -> None:
    vector = torch.tensor([[0.0], [5.0]])
    mask = torch.tensor([[False, True, True, True]])
    moved = adding_at_front(vector, 2.0)(torch.zeros(1, 4, 1), mask)
    assert moved.flatten().tolist() == [0, 10, 0, 0]


@pytest.mark.parametrize("topic", sorted(SENTENCES))
def test_sentences_are_on_their_topic_and_on_no_other(topic: topics.Topic) -> None:
    assert len(set(SENTENCES[topic])) == 16
    on_topic = sum(mentions(topic, each) for each in SENTENCES[topic])
    assert on_topic >= 12
    for other in set(SENTENCES) - {topic}:
        assert sum(mentions(other, each) for each in SENTENCES[topic]) <= 2
