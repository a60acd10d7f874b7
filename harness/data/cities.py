"""The sets `cities` and `neg_cities`: each city once with its country, once with a false one."""

import random
from collections import Counter

from harness.data.derangement import derange
from harness.data.gazetteer import City, eligible_cities
from harness.data.sizes import resolve_size
from harness.data.statements import Statement

DEFAULT_SIZE = 1_496


def generate(*, size: int | None, seed: int, negated: bool) -> tuple[Statement, ...]:
    """`size` statements about `size / 2` cities drawn by `seed`; the same cities if `negated`.

    The false countries are a permutation of the true ones, so that both classes name every country
    equally often (the authors draw them independently, which leaves a difference). Raises
    `HarnessError` for an impossible size. Source: Marks and Tegmark, section 2 (Datasets).
    """
    known = eligible_cities()
    name = "neg_cities" if negated else "cities"
    count = resolve_size(name, size, default=DEFAULT_SIZE, largest=2 * len(known)) // 2
    rng = random.Random(seed)
    chosen = _draw(known, count, rng)
    false_countries = derange([city.country for city in chosen], rng)
    return tuple(
        _state(city, country, negated=negated)
        for city, false in zip(chosen, false_countries, strict=True)
        for country in (city.country, false)
    )


def _draw(known: tuple[City, ...], count: int, rng: random.Random) -> list[City]:
    """Cities at random, no country more than half of them: else false answers would run out."""
    shuffled = list(known)
    rng.shuffle(shuffled)
    chosen: list[City] = []
    seen: Counter[str] = Counter()
    for city in shuffled:
        if len(chosen) < count and seen[city.country] < count // 2:
            chosen.append(city)
            seen[city.country] += 1
    return chosen


def _state(city: City, country: str, *, negated: bool) -> Statement:
    return Statement(
        text=f"The city of {city.name} is {'not ' if negated else ''}in {country}.",
        label=(country == city.country) != negated,
        unit=city.name,
        country=city.country,
        contrast=f"{city.name}|{country}",
    )
