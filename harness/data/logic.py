"""The sets `cities_cities_conj` and `cities_cities_disj`: two statements about cities joined."""

import math
import random

from harness.data import cities
from harness.data.sizes import resolve_size
from harness.data.statements import Statement, pair_unit

DEFAULT_SIZE = 1_500

LARGEST_SIZE = 20_000
"""Far below the number of pairs of cities, so that drawing one not yet used stays quick."""

Labels = tuple[bool, bool]


def generate(*, size: int | None, seed: int, conjunction: bool) -> tuple[Statement, ...]:
    """`size` statements, half of them true, whose parts are true independently of one another.

    No two speak of the same two cities. Raises `HarnessError` for an impossible size.
    Source: Marks and Tegmark, section 2 (Datasets).
    """
    name = "cities_cities_conj" if conjunction else "cities_cities_disj"
    wanted = resolve_size(name, size, default=DEFAULT_SIZE, largest=LARGEST_SIZE)
    parts = cities.generate(size=None, seed=seed, negated=False)
    by_label = {label: [part for part in parts if part.label == label] for label in (True, False)}
    # Seeded by name too: with one stream for both sets, both would draw the same pairs of cities.
    rng = random.Random(f"{name}:{seed}")
    used: set[str] = set()
    counts = combinations_of_labels(wanted, conjunction=conjunction)
    joined = [
        _join(*_draw(by_label[first], by_label[second], used, rng), conjunction=conjunction)
        for (first, second), count in counts.items()
        for _ in range(count)
    ]
    rng.shuffle(joined)
    return tuple(joined)


def combinations_of_labels(size: int, *, conjunction: bool) -> dict[Labels, int]:
    """How many statements have parts with these labels.

    A conjunction is true half of the time if each part is, independently, with probability
    sqrt(1/2); a disjunction is false half of the time if each part is false with it.
    """
    mixed = round((math.sqrt(0.5) - 0.5) * size)
    return {
        (conjunction, conjunction): size // 2,
        (conjunction, not conjunction): mixed,
        (not conjunction, conjunction): mixed,
        (not conjunction, not conjunction): size // 2 - 2 * mixed,
    }


def _draw(
    firsts: list[Statement], seconds: list[Statement], used: set[str], rng: random.Random
) -> tuple[Statement, Statement]:
    while True:
        first, second = rng.choice(firsts), rng.choice(seconds)
        unit = pair_unit(first.unit, second.unit)
        if first.unit != second.unit and unit not in used:
            used.add(unit)
            return first, second


def _join(first: Statement, second: Statement, *, conjunction: bool) -> Statement:
    both, link = ("both", "and") if conjunction else ("either", "or")
    one, other = (part.text.removesuffix(".").replace("The", "the", 1) for part in (first, second))
    together = all if conjunction else any
    return Statement(
        text=f"It is the case {both} that {one} {link} that {other}.",
        label=together((first.label, second.label)),
        unit=pair_unit(first.unit, second.unit),
        country=None,
        contrast=f"{first.contrast}&{second.contrast}",
    )
