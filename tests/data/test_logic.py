import re
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.catalogue import load_statements
from harness.data.logic import combinations_of_labels
from harness.data.statements import Statement, StatementSet

PART = r"the city of (.+) is in (.+)"
FORMS = {
    "cities_cities_conj": re.compile(rf"It is the case both that {PART} and that {PART}\."),
    "cities_cities_disj": re.compile(rf"It is the case either that {PART} or that {PART}\."),
}


@cache
def true_countries() -> dict[str, str | None]:
    return {each.unit: each.country for each in load_statements("cities").statements}


def labels_of_parts(statement: Statement, form: re.Pattern[str]) -> tuple[bool, bool]:
    found = form.fullmatch(statement.text)
    assert found is not None, statement.text
    one, its_country, other, other_country = found.groups()
    true = true_countries()
    return true[one] == its_country, true[other] == other_country


@pytest.mark.parametrize("name", FORMS)
def test_label_follows_from_the_labels_of_the_parts(name: str) -> None:
    together = all if name.endswith("conj") else any
    for statement in load_statements(name).statements:
        assert statement.label == together(labels_of_parts(statement, FORMS[name]))


def test_parts_are_combined_as_often_as_in_the_paper() -> None:
    counted = combinations_of_labels(1_500, conjunction=True)
    assert counted == {
        (True, True): 750,
        (True, False): 311,
        (False, True): 311,
        (False, False): 128,
    }


def test_disjunction_is_the_conjunction_with_true_and_false_exchanged() -> None:
    conjunction = combinations_of_labels(1_500, conjunction=True)
    disjunction = combinations_of_labels(1_500, conjunction=False)
    assert disjunction == {(not a, not b): count for (a, b), count in conjunction.items()}


@given(st.integers(2, 10_000).map(lambda half: 2 * half), st.booleans())
def test_parts_are_nearly_independent_and_the_whole_is_half_true(size: int, conj: bool) -> None:
    counts = combinations_of_labels(size, conjunction=conj)
    together = all if conj else any
    assert sum(counts.values()) == size
    assert min(counts.values()) >= 0
    assert sum(count for labels, count in counts.items() if together(labels)) == size // 2
    first_true = sum(count for labels, count in counts.items() if labels[0]) / size
    both_true = counts[True, True] / size
    assert abs(both_true - first_true**2) <= 1.5 / size


@pytest.mark.parametrize("name", FORMS)
def test_counts_of_the_default_set_are_those_asked_for(name: str) -> None:
    statements = load_statements(name).statements
    found = Counter(labels_of_parts(statement, FORMS[name]) for statement in statements)
    assert found == combinations_of_labels(1_500, conjunction=name.endswith("conj"))


@pytest.mark.parametrize("name", FORMS)
def test_no_two_statements_join_the_same_cities_and_none_a_city_with_itself(name: str) -> None:
    units = load_statements(name).groups("unit")
    assert len(units) == len(set(units))
    assert all(len(set(unit.split("|"))) == 2 for unit in units)


def test_conjunctions_and_disjunctions_join_different_cities() -> None:
    conj, disj = (set(load_statements(name).groups("unit")) for name in FORMS)
    assert len(conj & disj) < 30


@pytest.mark.parametrize("name", FORMS)
def test_generated_set_has_the_form_of_the_original(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    original = load_original(name)
    assert all(FORMS[name].fullmatch(text) for text in original.texts)
    assert len(original.statements) == 1_498
