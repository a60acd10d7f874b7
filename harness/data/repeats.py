"""Random tokens that come again: text in which nothing but repetition can be predicted.

Works on token ids; knows no tokenizer and adds no start token.
"""

import random
from collections.abc import Sequence

from harness.record import HarnessError


def repeated(
    vocabulary: Sequence[int],
    *,
    block: int = 25,
    repeats: int = 4,
    sequences: int,
    seed: int,
    shuffled: bool = False,
) -> tuple[tuple[int, ...], ...]:
    """`sequences` rows of `block * repeats` ids: one random block, `repeats` times over.

    The ids of a block are drawn without replacement, so that a token's earlier occurrence is one
    place and no more. `shuffled` is the control: the same ids in the same blocks, but each block
    after the first in an order of its own, so that what followed a token before says nothing of
    what follows now; equal seeds have equal first blocks. Raises `HarnessError` where the
    vocabulary has fewer different ids than a block, or a count is below 1. Source: Olsson et al.
    2022, prefix-matching score (25 tokens, 4 times, 10 sequences).
    """
    ids = sorted(set(vocabulary))
    if not 1 <= block <= len(ids):
        raise HarnessError(
            f"repeats: block {block} is not possible; valid: 1 to {len(ids)}, "
            "the number of different ids"
        )
    if min(repeats, sequences) < 1:
        raise HarnessError(
            f"repeats: repeats {repeats} and sequences {sequences} must both be at least 1"
        )
    rng = random.Random(seed)
    blocks = [rng.sample(ids, block) for _ in range(sequences)]
    return tuple(_row(first, repeats, rng if shuffled else None) for first in blocks)


def middle(ids: Sequence[int], *, share: float = 0.8) -> tuple[int, ...]:
    """The middle `share` of `ids` by number, in rising order: the outer tenths are left out.

    The paper leaves out the most and the least common tokens. Counts of tokens are not at hand,
    but a byte-pair vocabulary numbers its merges in the order it learnt them, commonest first, so
    the number stands in for the rank. That is a deviation: leave special tokens out beforehand.
    Raises `HarnessError` for a share that is not above 0 and at most 1, and where no id is left.
    """
    if not 0 < share <= 1:
        raise HarnessError(f"repeats: share {share} is not possible; valid: above 0, at most 1")
    ordered = sorted(set(ids))
    outer = round(len(ordered) * (1 - share) / 2)
    kept = ordered[outer : len(ordered) - outer]
    if not kept:
        raise HarnessError(f"repeats: share {share} leaves none of {len(ordered)} ids")
    return tuple(kept)


def _row(first: list[int], repeats: int, rng: random.Random | None) -> tuple[int, ...]:
    """The block and its repeats; in new orders where a generator is given."""
    later = [first if rng is None else rng.sample(first, len(first)) for _ in range(repeats - 1)]
    return tuple(token for block in (first, *later) for token in block)
