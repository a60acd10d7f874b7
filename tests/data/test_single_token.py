import pytest

from harness.data.single_token import keep_single
from harness.record import HarnessError

WORDS = (" oak", " elm", " horse chestnut", " ash")


def one_word(word: str) -> bool:
    return len(word.split()) == 1


def test_words_of_several_tokens_are_dropped_and_the_order_stays() -> None:
    assert keep_single("trees", WORDS, one_word, 3) == (" oak", " elm", " ash")


def test_too_few_words_are_refused_with_how_many_there_are_and_are_needed() -> None:
    with pytest.raises(HarnessError, match=r"trees: 3 of 4 .* 4 are needed"):
        keep_single("trees", WORDS, one_word, 4)
