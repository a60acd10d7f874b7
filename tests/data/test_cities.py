import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.catalogue import load_statements
from harness.data.gazetteer import eligible_cities
from harness.data.place_names import plain_city, plain_country
from harness.data.statements import Statement, StatementSet

FORM = re.compile(r"The city of (?P<city>.+) is (?:not )?in (?P<country>.+)\.")


def named_country(statement: Statement) -> str:
    found = FORM.fullmatch(statement.text)
    assert found is not None, statement.text
    return found["country"]


def best_accuracy_from_the_country_alone(countries: Sequence[str], labels: Sequence[bool]) -> float:
    """What a bag of words gets on its own training data from the country that a sentence names."""
    counts: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for country, label in zip(countries, labels, strict=True):
        counts[country][label] += 1
    return sum(max(each.values()) for each in counts.values()) / len(labels)


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 300), st.integers(0, 999), st.sampled_from(["cities", "neg_cities"]))
def test_country_named_tells_nothing_of_the_label(half: int, seed: int, name: str) -> None:
    made = load_statements(name, size=2 * half, seed=seed)
    countries = [named_country(statement) for statement in made.statements]
    assert best_accuracy_from_the_country_alone(countries, made.labels) == 0.5


def test_control_false_countries_drawn_independently_would_tell_the_label() -> None:
    true = [city.country for city in eligible_cities()]
    false = random.Random(0).choices(true, k=len(true))
    labels = [True] * len(true) + [False] * len(false)
    assert best_accuracy_from_the_country_alone(true + false, labels) > 0.53


def test_false_countries_never_run_out_in_the_smallest_sets() -> None:
    for seed in range(100):
        assert len(load_statements("cities", size=4, seed=seed).statements) == 4


def test_each_city_stands_once_with_its_country_and_once_with_another() -> None:
    statements = load_statements("cities").statements
    for true, false in zip(statements[::2], statements[1::2], strict=True):
        assert (true.label, false.label) == (True, False)
        assert true.unit == false.unit
        assert named_country(true) == true.country == false.country != named_country(false)
    assert set(Counter(statement.unit for statement in statements).values()) == {2}


def test_no_city_is_ambiguous_disputed_or_named_for_its_country() -> None:
    names = {city.name for city in eligible_cities()}
    refused = {"Paris", "London", "Hyderabad", "Mexico City", "Panama City", "Singapore", "Kuwait"}
    refused |= {"Djibouti", "Luxembourg", "Guatemala City", "Benin City", "Hong Kong", "Jerusalem"}
    assert not names & refused
    assert names >= {"Tokyo", "Lodz", "Chicago", "Nairobi", "Sao Jose dos Campos"}


def test_no_city_is_listed_twice_and_all_names_are_plain() -> None:
    names = [city.name for city in eligible_cities()]
    assert len(names) == len(set(names)) >= 748
    assert all(re.fullmatch(r"[A-Z][A-Za-z' -]*", name) for name in names)


@pytest.mark.parametrize(
    ("name", "plain"), [("Łódź", "Lodz"), ("São Luís", "Sao Luis"), ("Bağc\u0131lar", "Bagcilar")]
)
def test_city_is_written_without_diacritics(name: str, plain: str) -> None:
    assert plain_city(name) == plain


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("United Arab Emirates", "the United Arab Emirates"),
        ("The Netherlands", "the Netherlands"),
        ("Czechia", "the Czech Republic"),
        ("Poland", "Poland"),
    ],
)
def test_country_takes_the_article_that_a_reader_gives_it(name: str, plain: str) -> None:
    assert plain_country(name) == plain


@pytest.mark.parametrize("name", ["cities", "neg_cities"])
def test_generated_set_has_the_form_of_the_original(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    original, made = load_original(name), load_statements(name)
    for statement in (*original.statements, *made.statements):
        country, says_not = named_country(statement), " is not in " in statement.text
        assert says_not == (name == "neg_cities")
        assert statement.label == ((country == statement.country) != says_not)
        assert statement.contrast == f"{statement.unit}|{country}"
    assert len(original.statements) == len(made.statements)
    assert Counter(original.labels) == Counter(made.labels)


def test_most_cities_of_the_original_are_known_and_lie_in_the_same_country(
    load_original: Callable[[str], StatementSet],
) -> None:
    theirs = {statement.unit: statement.country for statement in load_original("cities").statements}
    ours = {city.name: city.country for city in eligible_cities()}
    both = theirs.keys() & ours.keys()
    assert len(both) > 550
    differing = {(theirs[name], ours[name]) for name in both if theirs[name] != ours[name]}
    assert differing <= {("Côte d'Ivoire", "Ivory Coast")}
