import time

import pytest

from harness.quotes import find_quote, short_part, why_unfit

TEXT = """\
<!-- page 1 -->

Abstract

We find that the ﬁrst “name-
mover” heads are well-known, state-of-
the-art and rep\u00adresentative of 99.3% of the
pairs, and unable to do more.

<!-- page 2 -->

The loss falls by −3.2 nats on 10\\,000 prompts — the largest drop — ``as
expected''. Accuracy is 0.79 in layer 12, and the con-

<!-- page 3 -->

clusion holds for 1, 2, ..., 12 heads alike.
"""

VERBATIM = {
    "as it stands": ("heads are well-known", 1),
    "across a line end": ("99.3% of the pairs", 1),
    "with other white space": ("unable\tto  do\n more.", 1),
    "a ligature written out": ("that the first", 1),
    "straight quotation marks": ('the first "name-mover" heads', 1),
    "a word that the line end cut": ('"namemover" heads are', 1),
    "a hyphen that a line end follows": ("state-of-the-art and representative", 1),
    "a hyphen with the line end as a space": ("state-of- the-art and", 1),
    "from the second half of a joined word on": ("known, state-of-the-art", 1),
    "a minus sign as a hyphen": ("falls by -3.2 nats", 2),
    "a thin space": ("on 10 000 prompts", 2),
    "a thin space of Unicode": ("on 10\u2009000 prompts", 2),
    "a dash without spaces": ("prompts—the largest drop", 2),
    "a dash of two hyphens": ("prompts -- the largest drop", 2),
    "quotation marks of LaTeX": ('drop – "as expected".', 2),
    "across a page": ("and the conclusion holds for", 2),
    "an ellipsis of the paper's own": ("for 1, 2, ..., 12 heads", 3),
    "an ellipsis as one sign": ("for 1, 2, …, 12 heads", 3),
}

ALTERED = {
    "another case": "heads are Well-known",
    "another word": "heads are well known",
    "another number": "99.2% of the pairs",
    "a number cut in front": "9.3% of the pairs",
    "a number cut at the point": "79 in layer 12, and",
    "a number cut behind": "12 heads. Accuracy is 0.7",
    "a number cut behind the point": "expected''. Accuracy is 0",
    "a word cut in front": "able to do more.",
    "a word cut behind": "unable to do mor",
    "a word left out": "unable to more.",
    "what a page mark says": "page 2 --> The loss falls",
    "a sign dropped": "falls by 3.2 nats on",
}


@pytest.mark.parametrize("what", VERBATIM)
def test_typesetting_does_not_hide_a_quote(what: str) -> None:
    quote, page = VERBATIM[what]
    found = find_quote(quote, TEXT)
    assert found is not None
    assert found.page == page


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_quote_is_not_found(what: str) -> None:
    assert find_quote(ALTERED[what], TEXT) is None


def test_line_and_place_are_where_the_quote_begins() -> None:
    found = find_quote("99.3% of the pairs", TEXT)
    assert found is not None
    assert TEXT[found.place :].startswith("99.3%")
    assert TEXT.splitlines()[found.line - 1].endswith("99.3% of the")


def test_a_text_without_pages_has_no_page() -> None:
    found = find_quote("of no page at all", "A text\nof no page at all.")
    assert found == (None, 2, 7)


def test_parts_between_ellipses_stand_in_order() -> None:
    for dots in ("…", "...", "[...]", "[…]"):
        found = find_quote(f"heads are well-known {dots} unable to do more", TEXT)
        assert found is not None
        assert found.page == 1
        assert find_quote(f"unable to do more {dots} heads are well-known", TEXT) is None


def test_each_part_has_to_stand_there() -> None:
    assert find_quote("heads are well-known … and never to be found", TEXT) is None
    assert find_quote("heads are well-known … the largest drop", TEXT) is not None


def test_parts_more_than_a_page_apart_are_two_quotes() -> None:
    quote = "heads are well-known … unable to do more"
    for between, expected in ((900, 1), (1100, None)):
        text = f"heads are well-known {'word ' * between} unable to do more"
        found = find_quote(quote, text)
        assert (found and found.line) == expected


def test_the_parts_nearest_to_each_other_are_the_quote() -> None:
    begin, end, far = "heads are well-known", "unable to do more", "word " * 1200
    found = find_quote(f"{begin} … {end}", f"{begin} {far}\n{begin} and {end} {far} {end}")
    assert found is not None
    assert found.line == 2


def test_an_ellipsis_at_an_end_is_none_of_the_words() -> None:
    assert find_quote("… unable to do more …", TEXT) is not None
    assert find_quote("... ... ... ...", TEXT) is None


def test_short_parts_would_stitch_anything_together() -> None:
    quote = "heads are well-known … of the … unable to do more"
    assert find_quote(quote, TEXT) is None
    assert short_part(quote) == "of the"
    assert short_part("heads are well-known … unable to do more") is None


def test_a_quote_that_locates_nothing_is_refused() -> None:
    text = "n = 5 and incomprehensibilities of a kind"
    for quote in ("n = 5", "incomprehensibilities", " n   =   5 and "):
        assert "too short" in (why_unfit(quote) or "")
        assert find_quote(quote, text) is None
    assert why_unfit("n = 5 and inc") is None
    assert "too long" in (why_unfit("all of it " * 500) or "")


HOSTILE = {
    "one letter": "a",
    "letters": "a ",
    "hyphens": "-",
    "letters and hyphens": "a-",
    "combining marks in the wrong order": "\u0315\u0300",
    "marks of pages": "<!-- page 1 -->",
    "beginnings of marks": "<!-- page ",
    "ellipses": "...",
    "thin spaces": "\\,",
    "nearly the quote": "aaaaaaaaaaaa ",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_five_million_hostile_characters_take_seconds(what: str) -> None:
    text = HOSTILE[what] * (5_000_000 // len(HOSTILE[what]))
    quotes = ("a" * 12 + " b", "a" * 1900 + " " + "a" * 1900, "a" * 20 + " ... " + "a" * 20)
    before = time.process_time()
    for quote in quotes:
        find_quote(quote, text)
    assert time.process_time() - before < 15
