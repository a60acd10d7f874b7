"""The sets `larger_than` and `smaller_than`: two-digit numbers compared, both ways round."""

import random
from itertools import combinations, permutations

from harness.data.sizes import resolve_size
from harness.data.statements import Statement, pair_unit

COMPARED = tuple(number for number in range(51, 100) if number % 10)
"""Numbers whose names have two parts; the multiples of ten have one."""

DEFAULT_SIZE = len(COMPARED) * (len(COMPARED) - 1)


def generate(*, size: int | None, seed: int, larger: bool) -> tuple[Statement, ...]:
    """Every ordered pair of unequal numbers, or `size` of them: whole unordered pairs by `seed`.

    Raises `HarnessError` for an impossible size. Source: Marks and Tegmark, section 2 (Datasets).
    """
    name = "larger_than" if larger else "smaller_than"
    count = resolve_size(name, size, default=DEFAULT_SIZE, largest=DEFAULT_SIZE) // 2
    units = list(combinations(COMPARED, 2))
    chosen = set(random.Random(seed).sample(units, count))
    words = _words()
    return tuple(
        _state(words, one, other, larger=larger)
        for one, other in permutations(COMPARED, 2)
        if (min(one, other), max(one, other)) in chosen
    )


def _words() -> dict[int, str]:
    from num2words import num2words

    return {number: str(num2words(number)) for number in COMPARED}


def _state(words: dict[int, str], one: int, other: int, *, larger: bool) -> Statement:
    relation = "larger" if larger else "smaller"
    return Statement(
        text=f"{words[one].capitalize()} is {relation} than {words[other]}.",
        label=(one > other) == larger,
        unit=pair_unit(str(one), str(other)),
        country=None,
        contrast=f"{one}|{other}",
    )
