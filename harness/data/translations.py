"""The sets `sp_en_trans` and `neg_sp_en_trans`: what a Spanish noun means in English."""

import random

from harness.data.derangement import derange
from harness.data.sizes import resolve_size
from harness.data.spanish_nouns import NOUNS
from harness.data.statements import Statement

DEFAULT_SIZE = 354


def generate(*, size: int | None, seed: int, negated: bool) -> tuple[Statement, ...]:
    """`size` statements about `size / 2` nouns drawn by `seed`, each once true and once false.

    The false meanings are the true ones permuted, so that both classes hold the same words (in the
    authors' file most Spanish words occur in one class only). Raises `HarnessError` for an
    impossible size. Source: Marks and Tegmark, section 2 (Datasets).
    """
    name = "neg_sp_en_trans" if negated else "sp_en_trans"
    count = resolve_size(name, size, default=DEFAULT_SIZE, largest=2 * len(NOUNS)) // 2
    rng = random.Random(seed)
    chosen = rng.sample(sorted(NOUNS), count)
    false_meanings = derange([NOUNS[spanish] for spanish in chosen], rng)
    return tuple(
        _state(spanish, english, negated=negated)
        for spanish, false in zip(chosen, false_meanings, strict=True)
        for english in (NOUNS[spanish], false)
    )


def _state(spanish: str, english: str, *, negated: bool) -> Statement:
    verb = "does not mean" if negated else "means"
    return Statement(
        text=f"The Spanish word '{spanish}' {verb} '{english}'.",
        label=(english == NOUNS[spanish]) != negated,
        unit=spanish,
        country=None,
        contrast=f"{spanish}|{english}",
    )
