"""The prompts of a patching experiment: who is asked what, in batches of one length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from harness.data import ioi
from harness.data.contrasts import Contrast, ContrastSet
from harness.experiments.context import Context
from harness.experiments.scored import units_digest
from harness.manifest import DataUsed
from harness.models.language_model import LanguageModel
from harness.models.patching import Pairs
from harness.models.prompts import encode_pairs, single_token
from harness.specs import PatchingSpec
from harness.specs.patching import Variant


@dataclass(frozen=True)
class Batch:
    """Pairs of one template: equally long, their roles at the same places."""

    indices: tuple[int, ...]
    """Of the contrasts that the batch was made of."""
    pairs: Pairs
    roles: Mapping[str, int]


@dataclass(frozen=True)
class Prompts:
    """Contrasts with their encoding. One contrast is one unit."""

    contrasts: tuple[Contrast, ...]
    batches: tuple[Batch, ...]

    @classmethod
    def of(cls, lm: LanguageModel, contrasts: Sequence[Contrast]) -> "Prompts":
        """Encode them. Raises `HarnessError` for pairs that do not align."""
        batches = [
            Batch(e.indices, Pairs(e.clean, e.corrupted, e.answers, e.foils), e.roles)
            for e in encode_pairs(lm, contrasts)
        ]
        return cls(tuple(contrasts), tuple(batches))

    @cached_property
    def units(self) -> str:
        """Digest of the units, in order."""
        return units_digest(f"{each.unit} {each.template}" for each in self.contrasts)

    def joined(self, parts: Sequence[Tensor]) -> Tensor:
        """Results [.., pair] of the batches in the order of the contrasts, [.., unit]."""
        order = torch.tensor([index for batch in self.batches for index in batch.indices])
        joined = torch.cat([part.cpu() for part in parts], -1)
        return joined[..., order.argsort()]


def behaviour_prompts(
    spec: PatchingSpec, lm: LanguageModel, seed: int, variant: Variant, context: Context
) -> tuple[Contrast, ...]:
    """The prompts that behaviour is measured on; every variant names the same people."""
    made = ioi.generate(
        size=spec.prompts,
        seed=seed,
        single=single_token(lm),
        corruption="unrelated",
        variant=variant,
        templates=spec.templates,
    )
    return _noted(made, f"{made.name}, seed {seed}", context)


def map_prompts(
    spec: PatchingSpec, lm: LanguageModel, seed: int, context: Context
) -> tuple[Contrast, ...]:
    """Pairs of one template whose corrupted prompt asks for the other name."""
    made = ioi.generate(
        size=spec.map_pairs,
        seed=seed,
        single=single_token(lm),
        corruption="swapped",
        templates=1,
        order="ABBA",
    )
    return _noted(made, f"{made.name}, seed {seed}", context)


def head_prompts(
    spec: PatchingSpec, lm: LanguageModel, seed: int, context: Context
) -> tuple[Prompts, Prompts]:
    """Prompts that find heads, and others that the heads found are measured on."""
    made = ioi.generate(
        size=spec.selection_prompts + spec.head_prompts,
        seed=seed,
        single=single_token(lm),
        corruption="unrelated",
        templates=spec.head_templates,
    )
    contrasts = _noted(made, f"{made.name}, heads, seed {seed}", context)
    return (
        Prompts.of(lm, contrasts[: spec.selection_prompts]),
        Prompts.of(lm, contrasts[spec.selection_prompts :]),
    )


def _noted(made: ContrastSet, name: str, context: Context) -> tuple[Contrast, ...]:
    context.data[name] = DataUsed(
        source="generated", sha256=made.sha256, statements=len(made.contrasts)
    )
    return made.contrasts
