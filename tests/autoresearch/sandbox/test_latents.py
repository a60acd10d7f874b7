"""Latents from outside."""

import numpy as np
import pytest
import torch

from harness.autoresearch.sandbox.latents import dense_latents, latents_bytes
from harness.autoresearch.sandbox.place import RunFailed


def sent(counts: list[int], indices: list[int], values: list[float]) -> bytes:
    parts = (np.array(counts, "<i4"), np.array(indices, "<i4"), np.array(values, "<f4"))
    return b"".join(part.tobytes() for part in parts)


def test_they_stand_where_they_were_sent_to() -> None:
    content = sent([2, 0, 1], [0, 3, 2], [1.5, 2.5, 0.5])
    assert len(content) == latents_bytes(3, 3) == 36
    wanted = torch.tensor([[1.5, 0, 0, 2.5], [0, 0, 0, 0], [0, 0, 0.5, 0]])
    assert torch.equal(dense_latents(content, 3, 4), wanted)


def test_none_may_be_active() -> None:
    assert torch.equal(dense_latents(sent([0, 0], [], []), 2, 4), torch.zeros(2, 4))


WRONG = {
    "an index beyond the last": (sent([1, 1], [4, 0], [1, 1]), "malformed", "there is not"),
    "an index below the first": (sent([1, 1], [-1, 0], [1, 1]), "malformed", "there is not"),
    "counts that do not add up": (sent([1, 0], [1, 0], [1, 1]), "malformed", "add up"),
    "a negative count": (sent([3, -1], [1, 0], [1, 1]), "malformed", "add up"),
    "counts that wrap around": (
        sent([2**31 - 1, 2**31 - 1, 4, 0], [1, 0], [1, 1]),
        "malformed",
        "add up",
    ),
    "one twice": (sent([2, 0], [1, 1], [1, 1]), "malformed", "twice"),
    "one out of order": (sent([2, 0], [1, 0], [1, 1]), "malformed", "out of order"),
    "a negative one": (sent([1, 1], [1, 0], [1, -1e-30]), "malformed", "negative"),
    "not a number": (sent([1, 1], [1, 0], [1, float("nan")]), "not_finite", "not finite"),
    "infinity": (sent([1, 1], [1, 0], [float("inf"), 1]), "not_finite", "not finite"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_they_are_refused_with_the_reason(wrong: str) -> None:
    content, cause, message = WRONG[wrong]
    rows = 4 if wrong == "counts that wrap around" else 2
    with pytest.raises(RunFailed, match=message) as failed:
        dense_latents(content, rows, 4)
    assert failed.value.cause == cause
