"""Which heads belong to a set: chosen on sequences held apart, or drawn at random."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from harness.experiments.attention.draws import random_heads, sequences
from harness.experiments.attention.scores import pattern_scores
from harness.experiments.context import Progress
from harness.experiments.scored import scored
from harness.measurement import Measurement
from harness.models.head_sets import Head
from harness.models.language_model import LanguageModel
from harness.specs import AttentionSpec


class Chosen(NamedTuple):
    """The heads of one seed, from the best downwards, and as many random others."""

    best: tuple[Head, ...]
    random: tuple[Head, ...]
    held_apart: Float[Tensor, "sequence layer head"]
    """Prefix-matching scores by which the best were chosen."""

    def heads(self, size: int, control: str | None) -> tuple[Head, ...]:
        """The first `size` of them."""
        return (self.best if control is None else self.random)[:size]


def choose(spec: AttentionSpec, lm: LanguageModel, progress: Progress) -> Mapping[int, Chosen]:
    """For each seed the heads with the best prefix matching, on sequences of its own."""
    return {seed: _choose(spec, lm, seed, progress) for seed in spec.seeds}


def _choose(spec: AttentionSpec, lm: LanguageModel, seed: int, progress: Progress) -> Chosen:
    apart = sequences(spec, lm, "selection", seed)
    step = partial(progress, f"choosing heads, seed {seed}")
    found = pattern_scores(lm, apart.tokens, ["prefix_matching"], step)["prefix_matching"]
    order = found.mean(0).flatten().argsort(descending=True, stable=True)[: max(spec.top)]
    best = tuple(Head(*divmod(place, lm.n_heads)) for place in order.tolist())
    return Chosen(best, random_heads(spec, lm, best, seed), found)


def rows(spec: AttentionSpec, chosen: Mapping[int, Chosen]) -> Iterator[Measurement]:
    """The chosen heads of every seed with the scores that chose them; not to be judged by."""
    for seed, each in chosen.items():
        for rank, (layer, head) in enumerate(each.best, start=1):
            conditions = {"rank": rank, "layer": layer, "head": head}
            yield scored(
                spec,
                "held_apart_prefix_matching_score",
                each.held_apart[:, layer, head],
                seed=seed,
                conditions=conditions,
            )
