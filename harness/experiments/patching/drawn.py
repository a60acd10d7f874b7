"""The classes that were found, and random heads in their place."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.experiments.patching.classes import Classes
from harness.models.head_sets import Head, every_head
from harness.models.language_model import LanguageModel
from harness.specs import PatchingSpec

Control = Literal["random_heads"]


@dataclass(frozen=True)
class Drawn:
    """Heads by class: those found, and several draws of as many others."""

    found: Classes
    draws: tuple[Classes, ...]
    """Each draw gives every class other heads, none of which is in any class."""

    @classmethod
    def of(cls, spec: PatchingSpec, lm: LanguageModel, found: Classes, seed: int) -> "Drawn":
        """Draw with a stream of random numbers of the seed's own."""
        rng = random.Random(seed)
        taken = {head for heads in found.values() for head in heads}
        free = [head for head in every_head(lm) if head not in taken]
        return cls(found, tuple(_draw(found, free, rng) for _ in range(spec.random_draws)))

    def alternatives(self) -> Iterator[tuple[str | None, Sequence[Classes]]]:
        """The real thing, and what its control is the mean of."""
        yield None, (self.found,)
        yield "random_heads", self.draws


def _draw(found: Classes, free: Sequence[Head], rng: random.Random) -> Classes:
    """As many heads a class, no head twice."""
    count = sum(map(len, found.values()))
    rest = iter(rng.sample(free, count))
    return {name: tuple(next(rest) for _ in heads) for name, heads in found.items()}


def union(classes: Classes, joined: str) -> tuple[Head, ...]:
    """The heads of `a+b`."""
    return tuple(head for name in joined.split("+") for head in classes[name])
