"""What every head does on the reported prompts, from which each class takes its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.experiments.patching.classes import Classes
from harness.experiments.patching.runs import Reference
from harness.experiments.patching.task import Prompts
from harness.models.attention import patterns
from harness.models.head_sets import Head, head_mask
from harness.models.language_model import LanguageModel
from harness.models.paths import direct_effects
from harness.specs import PatchingSpec
from harness.specs.patching import looked_at


@dataclass(frozen=True)
class Evidence:
    """Direct effects and attention of all heads."""

    prompts: Prompts
    written: dict[str, Tensor]
    """Ablated class or `none` → direct effect of every head, [layer, head, unit]."""
    attention: dict[tuple[str, str], Tensor]
    """From one role to another, [layer, head, unit]."""


def gather(
    spec: PatchingSpec,
    lm: LanguageModel,
    prompts: Prompts,
    runs: Sequence[Reference],
    found: Classes,
) -> Evidence:
    """Read all heads, once more for each class that has backups with that class ablated."""
    written = {"none": prompts.joined([_written(lm, each) for each in runs])}
    for wanted in spec.heads.values():
        if wanted.by == "backup" and wanted.into is not None:
            without = [_without(lm, each, found[wanted.into]) for each in runs]
            written[wanted.into] = prompts.joined([_written(lm, each) for each in without])
    return Evidence(prompts, written, _attention(spec, lm, prompts))


def _written(lm: LanguageModel, each: Reference) -> Tensor:
    return each.difference - direct_effects(lm, each.runs, each.pairs)


def _without(lm: LanguageModel, each: Reference, heads: Sequence[Head]) -> Reference:
    return each.ablated_run(lm, head_mask(lm, heads, seq=each.pairs.clean.shape[1]))


def _attention(
    spec: PatchingSpec, lm: LanguageModel, prompts: Prompts
) -> dict[tuple[str, str], Tensor]:
    """[layer, head, unit] for every pair of places that some class is asked about."""
    wanted = {(each.at, to) for each in spec.heads.values() for to in looked_at(each.at)}
    parts: dict[tuple[str, str], list[Tensor]] = {pair: [] for pair in wanted}
    for batch in prompts.batches:
        stacked = torch.stack(list(patterns(lm, batch.pairs.clean).values()))
        for (start, to), cells in parts.items():
            cells.append(stacked[..., batch.roles[start], batch.roles[to]].transpose(1, 2))
    return {pair: prompts.joined(cells) for pair, cells in parts.items()}
