from collections import Counter
from typing import get_args

import pytest

from harness.data.topics import NEUTRAL_PROMPTS, PAIRS, WORDS, Topic, mentions

TOPICS: tuple[Topic, ...] = get_args(Topic)


def test_each_topic_has_a_pair_of_prompts_and_enough_words() -> None:
    assert set(PAIRS) == set(WORDS) == set(TOPICS)
    for topic in TOPICS:
        assert len(set(WORDS[topic])) >= 25
        assert all(word.islower() and word.isalpha() for word in WORDS[topic])
        assert mentions(topic, PAIRS[topic].positive)
        assert not mentions(topic, PAIRS[topic].negative)


def test_no_word_is_of_two_topics() -> None:
    counts = Counter(word for words in WORDS.values() for word in words)
    assert counts.most_common(1)[0][1] == 1


@pytest.mark.parametrize("topic", TOPICS)
def test_neutral_openings_hold_no_word_of_any_topic(topic: Topic) -> None:
    assert len(set(NEUTRAL_PROMPTS)) == len(NEUTRAL_PROMPTS) >= 50
    assert not any(mentions(topic, prompt) for prompt in NEUTRAL_PROMPTS)


def test_words_are_found_in_any_case_and_beside_punctuation() -> None:
    assert mentions("weddings", "The BRIDE, at last!")
    assert mentions("astronomy", "Telescopes.")


def test_a_word_inside_another_word_is_not_found() -> None:
    assert not mentions("weddings", "They bridegroomed on Wednesday; wedge.")
    assert not mentions("cooking", "uncooked bakery")
