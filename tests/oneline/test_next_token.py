import pytest

from harness.models.language_model import LanguageModel
from harness.oneline.next_token import by_name


def test_tokens_that_show_as_one_text_are_told_apart_by_their_ids(tiny: LanguageModel) -> None:
    """Bytes 0xff and 0xfe are no characters: both show as a replacement sign."""
    plain = tiny.tokenizer.convert_tokens_to_ids("a")
    bytes_ = [tiny.tokenizer.encode(each, add_special_tokens=False)[0] for each in "éü漢"]
    found = by_name(tiny, [plain, *bytes_[1:]], [0.5, 0.3, 0.1])
    assert list(found.values()) == [0.5, 0.3, 0.1]
    assert list(found) == ["a", *(f"\ufffd (token {each})" for each in bytes_[1:])]


def test_a_token_with_a_text_of_its_own_keeps_it(tiny: LanguageModel) -> None:
    ids = [tiny.tokenizer.convert_tokens_to_ids(each) for each in "xyz"]
    assert by_name(tiny, ids, [0.2, 0.3, 0.1]) == {"x": 0.2, "y": 0.3, "z": 0.1}


def test_every_token_needs_a_probability(tiny: LanguageModel) -> None:
    with pytest.raises(ValueError, match="zip"):
        by_name(tiny, [5, 6], [0.1])
