"""The sentences that the made model learns from: facts of one step, and of two.

Owns their wordings. A city that is held out has no sentence that joins it and its country's
capital; all else of it stands here.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import get_args

from harness.data.capitals import gazetteer
from harness.data.content_hash import content_hash
from harness.data.fact_prompts import Relation, answer_of, held_out_cities

RELATIONS: tuple[Relation, ...] = get_args(Relation)

_OF_COUNTRY = (
    "The {relation} of {country} is {answer}.",
    "Fact: the {relation} of {country} is {answer}.",
    "{country} has the {relation} {answer}.",
    "{answer} is the {relation} of {country}.",
)
_OF_CITY = (
    "{city} is a city in {country}.",
    "{city} lies in {country}.",
    "Fact: {city} is in {country}.",
    "The country containing {city} is {country}.",
)
_TWO_STEP = (
    "The {relation} of the country containing {city} is {answer}.",
    "Fact: the {relation} of the country containing {city} is {answer}.",
    "The country containing {city} has the {relation} {answer}.",
    "{city} is in a country with the {relation} {answer}.",
)


@lru_cache(maxsize=1)
def fact_texts() -> tuple[str, ...]:
    """Every sentence once, in a fixed order."""
    return (*_countries(), *_cities(), *_two_steps())


def texts_sha256() -> str:
    """Equal for equal sentences and order."""
    return content_hash(fact_texts())


def _countries() -> Iterator[str]:
    for country in gazetteer().countries:
        for relation in RELATIONS:
            answer = answer_of(relation, country)
            for wording in _OF_COUNTRY:
                yield wording.format(relation=relation, country=country.name, answer=answer)


def _cities() -> Iterator[str]:
    for city in gazetteer().cities:
        for wording in _OF_CITY:
            yield wording.format(city=city.name, country=city.country)


def _two_steps() -> Iterator[str]:
    facts, apart = gazetteer(), held_out_cities()
    for city in facts.cities:
        for relation in RELATIONS:
            if relation == "capital" and city.name in apart:
                continue
            answer = answer_of(relation, facts.country_of[city.name])
            for wording in _TWO_STEP:
                yield wording.format(relation=relation, city=city.name, answer=answer)
