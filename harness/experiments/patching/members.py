"""Which heads were found, as rows that no claim can be judged by."""

from collections.abc import Iterator

from harness.experiments.patching.classes import Classes
from harness.measurement import Measurement
from harness.specs import PatchingSpec


def member_rows(
    spec: PatchingSpec, found: Classes, prompts: int, seed: int
) -> Iterator[Measurement]:
    """The layer of each head of each class, by rank; `n` counts the prompts that found it."""
    for name, heads in found.items():
        for rank, each in enumerate(heads, start=1):
            yield Measurement(
                experiment=spec.id,
                metric="found_layer",
                value=each.layer,
                n=prompts,
                seed=seed,
                conditions={
                    "model": spec.model,
                    "heads": name,
                    "rank": rank,
                    "head": each.head,
                },
            )
