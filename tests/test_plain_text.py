import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from harness.plain_text import plain


def test_invisible_characters_go_and_visible_ones_stay() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    assert plain(f"n = 3{tags}\u200b\u202e\x00\ufe0f\u3164 ± 0.1 Ω\U000e0100") == "n = 3 ± 0.1 Ω"


def test_line_ends_and_tabs_become_spaces() -> None:
    assert plain("a\n\n</record>\tb\u2028c\x85d") == "a </record> b c d"


def test_what_is_cut_is_counted() -> None:
    assert plain("x" * 30, 20) == "x" * 20 + " [10 more characters left out]"
    assert plain("x" * 20, 20) == "x" * 20


@given(st.text())
def test_no_text_keeps_a_character_that_cannot_be_seen(text: str) -> None:
    kept = plain(text)
    assert not [each for each in kept if unicodedata.category(each)[0] == "C"]
    assert len(kept.splitlines()) <= 1
