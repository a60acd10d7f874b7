"""A batch of prompts with both runs that path patching and ablation need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.experiments.patching.task import Prompts
from harness.models.head_sets import (
    Ablation,
    Mask,
    ablation_edits,
    replacements,
    run_replaced,
)
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Pairs, logit_difference, record
from harness.models.paths import Runs
from harness.specs import PatchingSpec


@dataclass(frozen=True)
class Reference:
    """Prompts of one template, run as they are and with unrelated names."""

    pairs: Pairs
    roles: Mapping[str, int]
    runs: Runs
    """The prompts, and the same with unrelated names."""
    instead: Sequence[Tensor]
    """What ablated heads give, by layer."""
    difference: Tensor
    """Logit difference of each prompt, [pair]."""

    def ablated(self, lm: LanguageModel, mask: Mask) -> Tensor:
        """Logit differences [pair] with the masked heads ablated."""
        last = run_replaced(lm, self.runs[0], mask, self.instead)
        return logit_difference(lm, last, self.pairs.answers, self.pairs.foils).cpu()

    def ablated_run(self, lm: LanguageModel, mask: Mask) -> "Reference":
        """The same prompts with the masked heads ablated for good."""
        with intervene(lm, ablation_edits(mask, self.instead)):
            changed = record(lm, self.pairs.clean, "z")
        last = changed.base.resid[-1][:, -1]
        difference = logit_difference(lm, last, self.pairs.answers, self.pairs.foils).cpu()
        return Reference(self.pairs, self.roles, (changed, self.runs[1]), self.instead, difference)


def references(spec: PatchingSpec, lm: LanguageModel, prompts: Prompts) -> list[Reference]:
    """Run every batch once as it is and once with unrelated names."""
    return [_reference(lm, batch.pairs, batch.roles, spec.ablation) for batch in prompts.batches]


@torch.inference_mode()
def _reference(
    lm: LanguageModel, pairs: Pairs, roles: Mapping[str, int], ablation: Ablation
) -> Reference:
    runs = (record(lm, pairs.clean, "z"), record(lm, pairs.corrupted, "z"))
    last = runs[0].base.resid[-1][:, -1]
    difference = logit_difference(lm, last, pairs.answers, pairs.foils).cpu()
    return Reference(pairs, roles, runs, replacements(runs[1], ablation), difference)
