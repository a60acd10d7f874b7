"""Activation patching at every layer and place, and how well attribution patching guesses it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from scipy.stats import spearmanr
from torch import Tensor

from harness.experiments.context import Context
from harness.experiments.patching.task import Batch, Prompts, map_prompts
from harness.experiments.scored import scored
from harness.experiments.uninformative import Uninformative
from harness.measurement import Condition, Measurement
from harness.models.attribution import attribution_map
from harness.models.language_model import LanguageModel
from harness.models.patching import Component, Direction, Pairs, PatchMap, both_ends, patch_map
from harness.ops.ratios import ratio_scores
from harness.specs import PatchingSpec

LEAST_PAIRS = 10
RESAMPLES = 400


def maps(spec: PatchingSpec, lm: LanguageModel, context: Context) -> Iterator[Measurement]:
    """Every component in every direction, in pairs of one template; nothing without `maps`."""
    for seed in spec.seeds if spec.maps else ():
        (batch,) = Prompts.of(lm, map_prompts(spec, lm, seed, context)).batches
        pairs, share = informative(lm, batch.pairs)
        yield scored(spec, "informative_fraction", share, seed=seed, conditions={})
        for component in spec.maps:
            for direction in spec.directions:
                own = _Map(spec, lm, batch, pairs, component, direction, seed)
                name = f"patching {component}, {direction}, seed {seed}"
                found = own.patched(partial(context.progress, name))
                yield from own.cells(found)
                if spec.attribution:
                    yield own.agreement(found)


def informative(lm: LanguageModel, pairs: Pairs) -> tuple[Pairs, Tensor]:
    """Pairs whose clean prompt prefers the answer and corrupted prompt the foil; 0 or 1 for each.

    Raises `Uninformative` where too few are left: then patching has nothing to carry over.
    """
    clean, corrupted = both_ends(lm, pairs)
    good = (clean > 0) & (corrupted < 0)
    if int(good.sum()) < LEAST_PAIRS:
        raise Uninformative(
            f"{int(good.sum())} of {len(good)} pairs are informative, {LEAST_PAIRS} are needed: "
            f"clean prompts prefer the answer in {float((clean > 0).float().mean()):.0%}, "
            f"corrupted ones the foil in {float((corrupted < 0).float().mean()):.0%}"
        )
    kept = (each[good] for each in (pairs.clean, pairs.corrupted, pairs.answers, pairs.foils))
    return Pairs(*kept), good.float()


@dataclass(frozen=True)
class _Map:
    """One component patched in one direction."""

    spec: PatchingSpec
    lm: LanguageModel
    batch: Batch
    pairs: Pairs
    component: Component
    direction: Direction
    seed: int

    @property
    def conditions(self) -> dict[str, Condition]:
        """What tells this map from the others."""
        return {"component": self.component, "direction": self.direction}

    def patched(self, progress: "partial[None]") -> PatchMap:
        """Heads at the last place; all else at every place where the prompts can differ."""
        places: Sequence[int] = range(self.pairs.first_difference, self.pairs.clean.shape[1])
        if self.component == "z":
            places = [self.batch.roles["END"]]
        return patch_map(
            self.lm,
            self.pairs,
            self.component,
            direction=self.direction,
            places=places,
            progress=progress,
        )

    def cells(self, found: PatchMap) -> Iterator[Measurement]:
        """One row a layer and place; for heads one a layer and head."""
        labels = token_labels(self.lm, self.batch)
        for layer, row in enumerate(self._recovered(found)):
            for place, cell in zip(found.places, row, strict=True):
                where = {**self.conditions, "layer": layer, "place": labels[place], "token": place}
                if self.component != "z":
                    yield self._cell(cell, where)
                    continue
                for head, scores in enumerate(cell):
                    yield self._cell(scores, {**where, "head": head})

    def agreement(self, found: PatchMap) -> Measurement:
        """Rank correlation over all cells of the map; its spread by drawing pairs anew."""
        guessed = attribution_map(self.lm, self.pairs, self.component, direction=self.direction)
        guessed = guessed[:, list(found.places)].flatten(0, -2)
        unpatched = found.corrupted if self.direction == "denoise" else found.clean
        exact = (found.patched - unpatched).flatten(0, -2)
        generator = torch.Generator().manual_seed(self.seed)
        units = exact.shape[-1]
        drawn = torch.randint(units, (RESAMPLES, units), generator=generator)
        again = [_rank_correlation(exact[:, rows], guessed[:, rows]) for rows in drawn]
        return Measurement(
            experiment=self.spec.id,
            metric="attribution_rank_correlation",
            value=_rank_correlation(exact, guessed),
            stderr=float(torch.tensor(again).std()),
            n=units,
            seed=self.seed,
            conditions={"model": self.spec.model, **self.conditions},
        )

    def _cell(self, scores: Tensor, where: dict[str, Condition]) -> Measurement:
        metric = "logit_difference_recovered"
        return scored(self.spec, metric, scores, seed=self.seed, conditions=where)

    def _recovered(self, found: PatchMap) -> Tensor:
        """Linearised scores [layer, place(, head), pair]."""
        into, source = found.corrupted, found.clean
        if self.direction == "noise":
            into, source = source, into
        return ratio_scores(found.patched - into, source - into)


def token_labels(lm: LanguageModel, batch: Batch) -> list[str]:
    """What stands at each place: its role, else the token that all prompts share, else a dot."""
    roles = {place: role for role, place in batch.roles.items()}
    labels: list[str] = []
    for place, column in enumerate(batch.pairs.clean.T):
        same = len(column.unique()) == 1
        token = str(lm.tokenizer.decode(column[:1].tolist())) if same else "…"
        labels.append(roles.get(place, token))
    return labels


def _rank_correlation(exact: Tensor, guessed: Tensor) -> float:
    found: Any = spearmanr(exact.mean(-1).numpy(), guessed.mean(-1).numpy())
    return float(found.statistic)
