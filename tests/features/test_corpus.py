import pytest

from harness.features.corpus import corpus_of
from harness.models.language_model import LanguageModel
from harness.record import HarnessError


def test_texts_are_cut_into_windows_that_begin_with_the_start_token(lm: LanguageModel) -> None:
    found = corpus_of(lm, "letters", ["abcdefgh", "xy"], context=4)
    texts = [lm.tokenizer.decode(window) for window in found.windows]
    assert texts == ["<bos>abc", "<bos>def", "<bos>gh", "<bos>xy"]
    assert found.n_tokens == 10


def test_a_window_that_comes_again_is_read_once_and_counted(lm: LanguageModel) -> None:
    found = corpus_of(lm, "letters", ["abc", "xyz", "abc", "abc"], context=4)
    assert found.occurrences == (3, 1)
    assert len(found.windows) == 2


def test_a_text_that_begins_with_the_start_token_gets_no_second_one(lm: LanguageModel) -> None:
    with_one, without = (corpus_of(lm, "letters", [text], context=8) for text in ("<bos>ab", "ab"))
    assert with_one.windows == without.windows


def test_a_text_longer_than_the_model_reads_is_no_fault(lm: LanguageModel) -> None:
    found = corpus_of(lm, "letters", ["ab" * lm.context_length], context=lm.context_length)
    assert max(map(len, found.windows)) == lm.context_length


@pytest.mark.parametrize("context", [2, 257])
def test_a_context_that_the_model_cannot_read_is_refused(lm: LanguageModel, context: int) -> None:
    with pytest.raises(HarnessError, match="reads 3 to 256 tokens"):
        corpus_of(lm, "letters", ["abc"], context=context)


@pytest.mark.parametrize("texts", [[], ["", "a"]])
def test_texts_of_no_tokens_are_refused(lm: LanguageModel, texts: list[str]) -> None:
    with pytest.raises(HarnessError, match="corpus letters: no text has a window"):
        corpus_of(lm, "letters", texts)
