import re
from collections import Counter, defaultdict
from typing import get_args

import pytest

from harness.data.capitals import CITIES, COUNTRIES, Gazetteer, gazetteer
from harness.data.contrasts import text_of
from harness.data.fact_prompts import (
    HELD_OUT,
    FactPrompt,
    Relation,
    answer_of,
    held_out_cities,
    one_step_prompts,
    two_step_prompts,
)
from harness.data.fact_texts import fact_texts, texts_sha256

RELATIONS: tuple[Relation, ...] = get_args(Relation)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.fixture(scope="module")
def by_word() -> dict[str, set[str]]:
    """Word → the training texts that hold it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for text in fact_texts():
        for word in words(text):
            found[word].add(text)
    return found


def test_known_facts_are_in_the_gazetteer() -> None:
    known = {country.name: country for country in gazetteer().countries}
    france = known["France"]
    assert (france.capital, france.continent, france.currency) == ("Paris", "Europe", "Euro")
    assert known["Japan"].currency == "Yen"
    assert gazetteer().country_of["Lyon"] == france
    assert gazetteer().country_of["Osaka"].capital == "Tokyo"


def test_every_country_has_as_many_cities_and_none_is_a_capital() -> None:
    facts = gazetteer()
    assert len(facts.countries) == COUNTRIES
    assert set(Counter(city.country for city in facts.cities).values()) == {CITIES}
    assert not {city.name for city in facts.cities} & {each.capital for each in facts.countries}


def test_every_name_is_one_plain_word_that_means_one_thing() -> None:
    facts = gazetteer()
    names = [each.name for each in (*facts.countries, *facts.cities)]
    names += [country.capital for country in facts.countries]
    assert len(set(names)) == len(names)
    answers = {each for c in facts.countries for each in (c.currency, c.continent)}
    assert not answers & set(names)
    assert all(re.fullmatch("[A-Z][a-z]+", name) for name in {*names, *answers})


@pytest.mark.parametrize("name", ["Valencia", "Hyderabad", "Barcelona", "Sevastopol", "Mexico"])
def test_ambiguous_and_disputed_places_are_left_out(name: str) -> None:
    facts = gazetteer()
    assert name not in {each.name for each in (*facts.countries, *facts.cities)}


def test_hash_tells_contents_and_order() -> None:
    facts = gazetteer()
    turned = Gazetteer(countries=facts.countries[::-1], cities=facts.cities)
    assert turned.sha256 != facts.sha256
    assert Gazetteer(countries=facts.countries, cities=facts.cities).sha256 == facts.sha256


def test_a_fifth_of_each_countrys_cities_is_held_out() -> None:
    country_of = gazetteer().country_of
    counted = Counter(country_of[name].name for name in held_out_cities())
    assert counted == {country.name: HELD_OUT for country in gazetteer().countries}
    assert HELD_OUT / CITIES == 0.2


def test_no_text_joins_a_held_out_city_and_its_capital(by_word: dict[str, set[str]]) -> None:
    country_of = gazetteer().country_of
    for city in held_out_cities():
        assert not by_word[city] & by_word[country_of[city].capital]
        assert not by_word[city] & by_word["capital"]


def test_control_other_cities_are_joined_with_their_capital_by_every_wording(
    by_word: dict[str, set[str]],
) -> None:
    facts = gazetteer()
    others = [city.name for city in facts.cities if city.name not in held_out_cities()]
    assert {len(by_word[c] & by_word[facts.country_of[c].capital]) for c in others} == {4}


def test_held_out_cities_are_joined_with_country_continent_and_currency(
    by_word: dict[str, set[str]],
) -> None:
    country_of = gazetteer().country_of
    for city in held_out_cities():
        country = country_of[city]
        for other in (country.name, country.continent, country.currency):
            assert len(by_word[city] & by_word[other]) == 4


def test_texts_stand_once_and_their_hash_is_that_of_this_order() -> None:
    assert len(set(fact_texts())) == len(fact_texts()) == 50 * 12 + 500 * 4 + 500 * 12 - 100 * 4
    assert texts_sha256() == texts_sha256()


@pytest.mark.parametrize("relation", RELATIONS)
def test_prompt_that_is_not_held_out_begins_a_text_with_its_answer(relation: Relation) -> None:
    texts = set(fact_texts())
    for prompt in (*one_step_prompts(relation), *two_step_prompts(relation)):
        assert (f"{prompt.text}{prompt.answer}." in texts) != prompt.held_out


def test_two_step_prompts_name_city_and_answer_but_never_the_country() -> None:
    facts = gazetteer()
    for prompt in two_step_prompts():
        country = facts.country_of[prompt.subject]
        assert prompt.bridge == country.name
        assert prompt.answer == f" {answer_of('capital', country)}"
        assert country.name not in words(prompt.text)
        assert prompt.held_out == (prompt.subject in held_out_cities())


def test_one_step_prompt_is_that_of_an_english_reader() -> None:
    france = next(each for each in one_step_prompts() if each.subject == "France")
    assert (france.text, france.answer) == ("The capital of France is", " Paris")
    assert (france.bridge, france.held_out) == (None, False)


def test_parts_cut_the_text_after_the_words_that_bear_roles() -> None:
    lyon = next(each for each in two_step_prompts() if each.subject == "Lyon")
    assert [(part.text, part.role) for part in lyon.parts] == [
        ("The capital", "relation"),
        (" of the country", "hop"),
        (" containing Lyon", "subject"),
        (" is", "end"),
    ]
    assert all(text_of(each.parts) == each.text for each in two_step_prompts())


def test_role_is_a_whole_word_not_a_piece_of_one() -> None:
    prompt = FactPrompt(
        text="This is it",
        answer=" x",
        subject="is",
        bridge=None,
        relation="capital",
        roles=(("subject", "is"),),
        held_out=False,
    )
    assert [(part.text, part.role) for part in prompt.parts] == [
        ("This is", "subject"),
        (" it", None),
    ]
