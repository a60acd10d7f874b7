"""Encoders of known faults, and the honest one."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer.steadiness import Watched

D, WIDTH, BATCH, CALLS = 32, 64, 500, 6
Encoder = Callable[[Tensor], Tensor]


def directions() -> Tensor:
    rows = torch.randn(WIDTH, D, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.normalize(rows, dim=1)


def jumps(x: Tensor) -> Tensor:
    """JumpReLU: discontinuous at its threshold."""
    before = x @ directions().T
    return torch.where(before > 2.0, before, 0.0)


def topk(x: Tensor) -> Tensor:
    """The four largest of each row."""
    before = (x @ directions().T).relu()
    kept = before.topk(4, dim=1)
    return torch.zeros_like(before).scatter_(1, kept.indices, kept.values)


def batchtopk(x: Tensor) -> Tensor:
    """Four times as many as there are rows, over all of the batch."""
    before = (x @ directions().T).relu()
    least = before.flatten().topk(4 * len(x)).values[-1]
    return torch.where(before >= least, before, 0.0)


def random(x: Tensor) -> Tensor:
    return jumps(x + 0.1 * torch.randn(x.shape))


class Remembering:
    """Depends on the batch and answers rows it has seen as it did before."""

    def __init__(self) -> None:
        self.seen: dict[bytes, Tensor] = {}

    def __call__(self, x: Tensor) -> Tensor:
        fresh = batchtopk(x)
        keys = [row.numpy().tobytes() for row in x]
        return torch.stack(
            [self.seen.setdefault(key, row) for key, row in zip(keys, fresh, strict=True)]
        )


class Recognising(Remembering):
    """The same, for rows that are nearly ones it has seen."""

    def __init__(self) -> None:
        self.rows, self.latents = torch.empty(0, D), torch.empty(0, WIDTH)

    def __call__(self, x: Tensor) -> Tensor:
        answers = batchtopk(x)
        if len(self.rows):
            distance, nearest = torch.cdist(x.double(), self.rows.double()).min(dim=1)
            known = distance < 1e-3 * x.norm(dim=1)
            answers[known] = self.latents[nearest[known]]
        self.rows = torch.cat([self.rows, x])
        self.latents = torch.cat([self.latents, answers])
        return answers


def tiny(x: Tensor) -> Tensor:
    """Depends on the batch, in latents that decoder rows a million times as long make up for."""
    return 1e-6 * batchtopk(x)


def beside_a_giant(x: Tensor) -> Tensor:
    """Depends on the batch, beside one latent that dwarfs all others."""
    latents = batchtopk(x)
    latents[:, 0] = 1e7 * (1 + x[:, 0].abs())
    return latents


class Growing:
    """A threshold that follows a mean over all that came so far."""

    def __init__(self) -> None:
        self.mean, self.calls = 0.0, 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.mean += (float(x.norm(dim=1).mean()) - self.mean) / self.calls
        return torch.where(x @ directions().T > self.mean / 3, x @ directions().T, 0.0)


def watched(encode: Encoder, seed: int = 0) -> Watched:
    generator = torch.Generator().manual_seed(seed)
    found = Watched(encode, CALLS, generator)
    for _ in range(CALLS):
        found.encode(torch.randn(BATCH, D, generator=generator))
    return found


@pytest.mark.parametrize("encode", [jumps, topk])
@pytest.mark.parametrize("seed", range(5))
def test_an_encoder_of_single_rows_is_steady(encode: Encoder, seed: int) -> None:
    watched(encode, seed).require_steady()


@pytest.mark.parametrize(
    ("encode", "cause"),
    [
        (batchtopk, "batch_dependent"),
        (Remembering(), "batch_dependent"),
        (tiny, "batch_dependent"),
        (beside_a_giant, "batch_dependent"),
        (random, "not_deterministic"),
        (Growing(), "not_deterministic"),
    ],
)
def test_one_whose_latents_depend_on_more_than_the_row_is_caught(
    encode: Encoder, cause: str
) -> None:
    found = watched(encode)
    with pytest.raises(RunFailed) as failed:
        found.require_steady()
    assert failed.value.cause == cause


def test_one_that_knows_rows_again_is_caught_by_a_process_that_has_seen_none() -> None:
    found = watched(Recognising())
    found.require_steady()
    with pytest.raises(RunFailed) as failed:
        found.require_steady(Recognising())
    assert failed.value.cause == "batch_dependent"


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_latents_does_not_matter(unit: float) -> None:
    watched(lambda x: unit * jumps(x)).require_steady()


def test_latents_pass_through_unchanged() -> None:
    x = torch.randn(20, D)
    assert torch.equal(watched(jumps).encode(x), jumps(x))


def test_an_encoder_without_an_active_latent_is_steady() -> None:
    watched(lambda x: torch.zeros(len(x), WIDTH)).require_steady()
