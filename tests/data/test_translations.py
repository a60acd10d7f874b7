import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.catalogue import load_statements
from harness.data.spanish_nouns import NOUNS
from harness.data.statements import StatementSet

FORM = re.compile(r"The Spanish word '([a-z]+)' (means|does not mean) '([a-z ]+)'\.")


def words_by_label(given_set: StatementSet, label: bool) -> Counter[str]:
    pairs = [s.contrast.split("|") for s in given_set.statements if s.label == label]
    return Counter(word for pair in pairs for word in pair)


def test_there_are_enough_nouns_each_with_a_meaning_of_its_own() -> None:
    assert len(NOUNS) == 310
    assert len(set(NOUNS.values())) == len(NOUNS)
    assert all(re.fullmatch(r"[a-z]+", word) for pair in NOUNS.items() for word in pair)


def test_no_noun_is_spelt_as_an_english_meaning_in_the_list() -> None:
    assert not NOUNS.keys() & set(NOUNS.values())


@settings(deadline=None)
@given(st.integers(2, 310), st.integers(0, 999), st.booleans())
def test_words_tell_nothing_of_the_label(half: int, seed: int, negated: bool) -> None:
    name = "neg_sp_en_trans" if negated else "sp_en_trans"
    made = load_statements(name, size=2 * half, seed=seed)
    assert words_by_label(made, True) == words_by_label(made, False)


@pytest.mark.parametrize("name", ["sp_en_trans", "neg_sp_en_trans"])
def test_label_says_whether_the_list_gives_that_meaning(name: str) -> None:
    for statement in load_statements(name).statements:
        spanish, english = statement.contrast.split("|")
        says_not = " does not mean " in statement.text
        assert statement.label == ((NOUNS[spanish] == english) != says_not)


@pytest.mark.parametrize("name", ["sp_en_trans", "neg_sp_en_trans"])
def test_generated_set_has_the_form_of_the_original(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    verb = "does not mean" if name.startswith("neg") else "means"
    for given_set in (load_original(name), load_statements(name)):
        found = [FORM.fullmatch(text) for text in given_set.texts]
        assert all(match is not None and match[2] == verb for match in found)
        assert Counter(given_set.labels) == {True: 177, False: 177}


def test_control_words_of_the_original_tell_the_label(
    load_original: Callable[[str], StatementSet],
) -> None:
    original = load_original("sp_en_trans")
    true, false = words_by_label(original, True), words_by_label(original, False)
    assert (true & false).total() < 0.5 * true.total()
