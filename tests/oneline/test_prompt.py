import pytest

from harness.models.language_model import LanguageModel
from harness.oneline.prompt import head_of, layer_of, place_of, read_prompt, single_id
from harness.record import HarnessError


def test_tokens_are_texts_with_the_start_token_first(planted: LanguageModel) -> None:
    read = read_prompt(planted, " barn cloud barn")
    assert read.tokens == ("<bos>", " barn", " cloud", " barn")
    assert read.ids.shape == (1, 4)


def test_positions_count_from_either_end_and_no_further(planted: LanguageModel) -> None:
    read = read_prompt(planted, " barn cloud barn")
    assert [place_of(read, each) for each in (0, 3, -1, -4)] == [0, 3, 3, 0]
    for position in (4, -5):
        with pytest.raises(HarnessError, match=f"position {position}.*4 tokens; valid: -4 to 3"):
            place_of(read, position)


def test_a_word_of_several_tokens_is_refused_with_its_tokens(tiny: LanguageModel) -> None:
    assert single_id(tiny, "a", "answer") == single_id(tiny, "a", "foil")
    with pytest.raises(HarnessError, match=r"answer 'ab' is 2 tokens.*\['a', 'b'\]"):
        single_id(tiny, "ab", "answer")


def test_a_missing_leading_space_is_what_was_probably_meant(planted: LanguageModel) -> None:
    two = " barn cloud"
    with pytest.raises(HarnessError, match=r"2 tokens.*first token is ' barn'"):
        single_id(planted, two, "answer")


@pytest.mark.parametrize("number", [-1, 3])
def test_a_layer_that_is_not_there_is_refused_with_those_that_are(
    tiny: LanguageModel, number: int
) -> None:
    assert layer_of(tiny, 2) == 2
    with pytest.raises(HarnessError, match="has layers 0 to 2"):
        layer_of(tiny, number)


@pytest.mark.parametrize("number", [-1, 4])
def test_a_head_that_is_not_there_is_refused_with_those_that_are(
    tiny: LanguageModel, number: int
) -> None:
    assert head_of(tiny, 3) == 3
    with pytest.raises(HarnessError, match="has heads 0 to 3"):
        head_of(tiny, number)
