"""Wrong answers that use every right answer exactly as often."""

import random
from collections import Counter
from collections.abc import Sequence

from harness.record import HarnessError


def derange(values: Sequence[str], rng: random.Random) -> tuple[str, ...]:
    """A permutation of `values` that differs from them everywhere.

    Values may recur; so false statements made from it have the very word counts of the true ones
    and a bag of words learns nothing from the answers. Raises `HarnessError` where one value makes
    up more than half, for then none exists.
    """
    if values:
        value, count = Counter(values).most_common(1)[0]
        if 2 * count > len(values):
            raise HarnessError(f"{value!r} is {count} of {len(values)} answers, more than half")
    wrong = list(values)
    rng.shuffle(wrong)
    for i, value in enumerate(values):
        if wrong[i] == value:
            # A swap with such a partner mends place i and spoils none. One exists: of the places
            # where the value stands on either side there are fewer than twice its count.
            partners = [j for j, other in enumerate(values) if value not in (other, wrong[j])]
            j = rng.choice(partners)
            wrong[i], wrong[j] = wrong[j], wrong[i]
    return tuple(wrong)
