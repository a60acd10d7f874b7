"""Steering vectors of behaviours: mean differences at the end of the answer, at every layer."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import normalize

from harness.cache_dir import cache_dir
from harness.experiments.context import Context
from harness.experiments.steering.answers import Answer
from harness.experiments.steering.choice_sets import Sets
from harness.experiments.steering.draws import resampled
from harness.models.extraction import Activations, extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.sinks import require_ordinary


@dataclass(frozen=True)
class Differences:
    """Residual stream at the last token of the matching answers, then of the other ones."""

    answer: Answer
    ends: Mapping[str, Activations]
    matching_is_a: Mapping[str, Bool[Tensor, " questions"]]

    @classmethod
    def read(cls, lm: LanguageModel, sets: Sets, context: Context) -> "Differences":
        """Run every answer of the fitted questions; cached by content."""
        hookpoints = [Hookpoint("resid_post", layer) for layer in range(lm.n_layers)]
        ends = {
            behaviour: extract(
                lm,
                [turn.text for turn in (*given.matching, *given.other)],
                hookpoints,
                cache=cache_dir() / "activations" if context.use_cache else None,
                progress=functools.partial(context.progress, f"activations of {behaviour}"),
            )
            for behaviour, given in sets.fitted.items()
        }
        is_a = {name: torch.tensor(each.matching_is_a) for name, each in sets.fitted.items()}
        return cls(sets.answer, ends, is_a)

    def vectors(self, layer: int, seed: int) -> dict[str, Float[Tensor, " d"]]:
        """Mean of matching less other over the pairs that a seed draws, all of one length.

        Questions whose matching letter is A weigh as much as the others, or the vector would tell
        the letters apart. The common length is the mean of the behaviours' own, so that a
        coefficient means the same for each of them; where answers end alike, as they do before
        attention has read them, it is 0.
        """
        means = {name: self._balanced_mean(name, layer, seed) for name in self.ends}
        length = torch.stack([each.norm() for each in means.values()]).mean()
        return {name: normalize(each, dim=0) * length for name, each in means.items()}

    def _balanced_mean(self, behaviour: str, layer: int, seed: int) -> Float[Tensor, " d"]:
        differences, is_a = self._pairs(behaviour, layer)[1], self.matching_is_a[behaviour]
        halves = (differences[is_a], differences[~is_a])
        return torch.stack([half[resampled(len(half), seed)].mean(0) for half in halves]).mean(0)

    def resid_norms(self, layer: int) -> Float[Tensor, " answers"]:
        """Length of the stream at the end of every answer."""
        return torch.cat([self._pairs(name, layer)[0].norm(dim=-1) for name in self.ends])

    def _pairs(self, behaviour: str, layer: int) -> tuple[Tensor, Tensor]:
        """Ends of all answers, and matching less other of each question."""
        ends = self.ends[behaviour][Hookpoint("resid_post", layer)].float()
        require_ordinary(ends, f"ends of answers on {behaviour}, layer {layer}")
        matching, other = ends.chunk(2)
        return ends, matching - other
