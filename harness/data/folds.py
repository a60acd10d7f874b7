"""Folds for cross-validation that keep whole groups together."""

import random
from collections.abc import Sequence

from harness.record import HarnessError


def assign_folds(groups: Sequence[str], *, n_folds: int, seed: int) -> tuple[int, ...]:
    """The fold, from 0 to `n_folds` - 1, of each entry of `groups`.

    A group's fold depends only on which distinct groups are given and on `seed`, so pass the union
    of the groups of several sets to give a city one fold in all of them. The folds hold equally
    many distinct groups, up to one. Raises `HarnessError` for fewer than 2 folds or fewer groups
    than folds.
    """
    distinct = sorted(set(groups))
    if not 2 <= n_folds <= len(distinct):
        raise HarnessError(
            f"n_folds {n_folds} is not possible for {len(distinct)} distinct groups; "
            f"valid: 2 to {len(distinct)}"
        )
    random.Random(seed).shuffle(distinct)
    fold = {group: place % n_folds for place, group in enumerate(distinct)}
    return tuple(fold[group] for group in groups)
