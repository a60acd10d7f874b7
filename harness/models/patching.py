"""Activation patching: one place of one run takes its activation from another run.

Exact, and fast: a patched run starts at the patched block and place, and places before the first
token in which the two prompts differ are left out, for there both runs are the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, intervene
from harness.models.language_model import LanguageModel
from harness.models.resume import Base, resume, run_base
from harness.models.unembed import logits_of
from harness.record import HarnessError

Component = Literal["resid_pre", "attn_out", "mlp_out", "z"]
"""What is patched: the residual stream entering a block, a sublayer's output, a single head."""
Direction = Literal["denoise", "noise"]
"""`denoise`: a corrupted run gets clean activations; `noise`: a clean run gets corrupted ones."""
Progress = Callable[[int, int], None]
"""Called with the number of cells done and the number of all."""


@dataclass(frozen=True)
class Pairs:
    """Clean and corrupted prompts of one length, and the tokens that tell them apart."""

    clean: Int[Tensor, "pair seq"]
    corrupted: Int[Tensor, "pair seq"]
    answers: Int[Tensor, "pair k"]
    foils: Int[Tensor, "pair k"]

    @property
    def first_difference(self) -> int:
        """The first place where any pair's tokens differ. Raises `HarnessError` for none."""
        places = (self.clean != self.corrupted).any(0).nonzero()
        if not len(places):
            raise HarnessError(
                "clean and corrupted prompts are the same: there is nothing to patch"
            )
        return int(places[0])


@dataclass(frozen=True)
class PatchMap:
    """Logit differences of patched runs, and of the two runs that they lie between."""

    patched: Float[Tensor, "layer place *head pair"]
    """At every layer and asked-for place; for `z` at every head too."""
    clean: Float[Tensor, " pair"]
    corrupted: Float[Tensor, " pair"]
    places: tuple[int, ...]


def logit_difference(
    lm: LanguageModel,
    resid: Float[Tensor, "pair d_model"],
    answers: Int[Tensor, "pair k"],
    foils: Int[Tensor, "pair k"],
) -> Float[Tensor, " pair"]:
    """Mean logit of the answers minus mean logit of the foils, from the last residual stream."""
    ids = torch.cat([answers, foils], 1).to(resid.device)
    found = logits_of(lm, resid, ids)
    return found[:, : answers.shape[1]].mean(1) - found[:, answers.shape[1] :].mean(1)


def both_ends(
    lm: LanguageModel, pairs: Pairs
) -> tuple[Float[Tensor, " pair"], Float[Tensor, " pair"]]:
    """Logit differences of the clean and of the corrupted prompts, unpatched."""
    ends = [run_base(lm, each).resid[-1][:, -1] for each in (pairs.clean, pairs.corrupted)]
    clean, corrupted = (logit_difference(lm, e, pairs.answers, pairs.foils) for e in ends)
    return clean.cpu(), corrupted.cpu()


def patch_map(
    lm: LanguageModel,
    pairs: Pairs,
    component: Component,
    *,
    direction: Direction = "denoise",
    places: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> PatchMap:
    """Patch every layer at every place (default: all), for `z` every head by itself.

    Raises `HarnessError` where the prompts of all pairs are the same.
    """
    first = pairs.first_difference
    clean, corrupted = (record(lm, each, component) for each in (pairs.clean, pairs.corrupted))
    into, source = (corrupted, clean) if direction == "denoise" else (clean, corrupted)
    ends = [
        logit_difference(lm, each.base.resid[-1][:, -1], pairs.answers, pairs.foils)
        for each in (clean, corrupted)
    ]
    unpatched = ends[1] if direction == "denoise" else ends[0]
    same = unpatched.expand(lm.n_heads, -1) if component == "z" else unpatched
    wanted = tuple(range(into.base.seq) if places is None else places)
    found: list[Tensor] = []
    for layer in range(lm.n_layers):
        row = [
            _cell(lm, pairs, (into, source), layer, at) if at >= first else same for at in wanted
        ]
        found.append(torch.stack(row))
        if progress is not None:
            progress(layer + 1, lm.n_layers)
    return PatchMap(torch.stack(found).cpu(), ends[0].cpu(), ends[1].cpu(), wanted)


class Recorded(NamedTuple):
    """A base run with the activations of one component at every layer."""

    base: Base
    component: Component
    at: Sequence[Tensor]
    """[pair, seq, d_model], for `z` [pair, seq, n_heads, d_head]."""


def record(lm: LanguageModel, tokens: Int[Tensor, "pair seq"], component: Component) -> Recorded:
    """Run prompts of one length and keep what patching needs."""
    if component == "resid_pre":
        base = run_base(lm, tokens)
        return Recorded(base, component, base.resid)
    points = [Hookpoint(component, layer) for layer in range(lm.n_layers)]
    with capture(lm, points) as kept:
        base = run_base(lm, tokens)
    return Recorded(base, component, [kept[point] for point in points])


def _cell(
    lm: LanguageModel, pairs: Pairs, runs: tuple[Recorded, Recorded], layer: int, place: int
) -> Tensor:
    """Patched logit differences [pair], for `z` [head, pair]."""
    into, source = runs
    new, resid = source.at[layer][:, place], into.base.resid[layer][:, place:]
    edit = _put(new)
    if into.component == "z":
        edit, resid = put_heads(new), resid.repeat(lm.n_heads, 1, 1)
    with intervene(lm, {Hookpoint(into.component, layer): edit}):
        last = resume(lm, into.base, resid, layer=layer)[:, -1]
    times = len(last) // len(new)
    answers, foils = pairs.answers.repeat(times, 1), pairs.foils.repeat(times, 1)
    found = logit_difference(lm, last, answers, foils)
    return found.unflatten(0, (times, -1)) if into.component == "z" else found


def _put(new: Tensor) -> Callable[[Tensor], Tensor]:
    """Replace the activation at the first of the places that a resumed run computes."""

    def edit(activation: Tensor) -> Tensor:
        changed = activation.clone()
        changed[:, 0] = new
        return changed

    return edit


def put_heads(new: Tensor) -> Callable[[Tensor], Tensor]:
    """Replace single heads at the first place, in a batch that holds the pairs once a head.

    `new` is [pair, n_heads, d_head]; in the copy for head h, head h alone is changed.
    """

    def edit(activation: Tensor) -> Tensor:
        heads = new.shape[1]
        changed = activation.clone().unflatten(0, (heads, -1))
        for head in range(heads):
            changed[head, :, 0, head] = new[:, head]
        return changed.flatten(0, 1)

    return edit
