"""Which heads belong to a class: found by what they do, on prompts that are never reported on."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from harness.experiments.patching.runs import Reference, references
from harness.experiments.patching.task import Prompts
from harness.experiments.uninformative import Uninformative
from harness.models.head_sets import Head, head_mask
from harness.models.language_model import LanguageModel
from harness.models.paths import Path, direct_effects, path_effects
from harness.specs import PatchingSpec
from harness.specs.patching import HeadClass

Classes = Mapping[str, tuple[Head, ...]]
"""The heads of each class, the strongest first."""
Progress = Callable[[int, int], None]


def find_classes(
    spec: PatchingSpec, lm: LanguageModel, prompts: Prompts, progress: Progress
) -> Classes:
    """Each class of the spec in turn; a head that is in one is left out of those after it.

    Raises `Uninformative` where a class has fewer heads than asked for.
    """
    runs = references(spec, lm, prompts)
    found: dict[str, tuple[Head, ...]] = {}
    for step, (name, wanted) in enumerate(spec.heads.items()):
        progress(step, len(spec.heads))
        taken = {head for heads in found.values() for head in heads}
        effects = _effects(spec, lm, runs, wanted, found)
        found[name] = _top(lm, effects.mean(-1), wanted, taken)
        if len(found[name]) < wanted.top:
            raise Uninformative(
                f"class {name}: {len(found[name])} heads can send to {wanted.into}, "
                f"{wanted.top} are asked for"
            )
    progress(len(spec.heads), len(spec.heads))
    return found


def _effects(
    spec: PatchingSpec,
    lm: LanguageModel,
    runs: Sequence[Reference],
    wanted: HeadClass,
    found: Classes,
) -> Tensor:
    """What each head does for the answer, [layer, head, pair] over all batches."""
    if wanted.by == "direct_effect":
        parts = [each.difference - direct_effects(lm, each.runs, each.pairs) for each in runs]
        return torch.cat(parts, -1)
    assert wanted.into is not None, wanted
    into = found[wanted.into]
    if wanted.by == "backup":
        return torch.cat([_gained(lm, each, into) for each in runs], -1)
    at = spec.heads[wanted.into].at
    parts = [each.difference - _along(lm, each, into, wanted, at) for each in runs]
    return torch.cat(parts, -1)


def _along(
    lm: LanguageModel, each: Reference, into: Sequence[Head], wanted: HeadClass, at: str
) -> Tensor:
    path = Path(into, wanted.through, each.roles[wanted.at], each.roles[at])
    return path_effects(lm, each.runs, each.pairs, path)


def _gained(lm: LanguageModel, each: Reference, ablated: Sequence[Head]) -> Tensor:
    """How much more a head writes for the answer once others are ablated."""
    mask = head_mask(lm, ablated, seq=each.pairs.clean.shape[1])
    without = each.ablated_run(lm, mask)
    after = without.difference - direct_effects(lm, without.runs, each.pairs)
    return after - (each.difference - direct_effects(lm, each.runs, each.pairs))


def _top(
    lm: LanguageModel, effects: Tensor, wanted: HeadClass, taken: set[Head]
) -> tuple[Head, ...]:
    """The heads of the largest (or most negative) effects."""
    signed = effects if wanted.sign == "positive" else -effects
    order = signed.flatten().argsort(descending=True, stable=True).tolist()
    heads = [Head(*divmod(place, lm.n_heads)) for place in order]
    return tuple([head for head in heads if head not in taken][: wanted.top])
