"""Directions of sentiment, fitted at the adjective of toy reviews by every method."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from harness.cache_dir import cache_dir
from harness.data.contrasts import Contrast, Part, text_of
from harness.data.review_words import POSITIVE_ANSWERS
from harness.experiments.context import Context
from harness.experiments.steering.draws import resampled, stream
from harness.models.extraction import Activations, extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.sinks import require_ordinary
from harness.ops.directions import fit_direction, mean_difference, random_direction, unit
from harness.specs.steering import CONTROL, Method, Reviews


@dataclass(frozen=True)
class Adjectives:
    """Residual stream at the adjective of each fitted pair: of the liking side, then the other."""

    ends: Activations
    pairs: int

    @classmethod
    def read(
        cls, lm: LanguageModel, contrasts: Sequence[Contrast], context: Context
    ) -> "Adjectives":
        """What follows the adjective cannot change its activation, so texts end there."""
        liking = [_up_to_adjective(_sides(each)[0]) for each in contrasts]
        disliking = [_up_to_adjective(_sides(each)[1]) for each in contrasts]
        ends = extract(
            lm,
            [*liking, *disliking],
            [Hookpoint("resid_post", layer) for layer in range(lm.n_layers)],
            cache=cache_dir() / "activations" if context.use_cache else None,
            progress=functools.partial(context.progress, "activations of adjectives"),
        )
        return cls(ends, len(contrasts))

    def unit_direction(self, method: Method, layer: int, seed: int) -> Float[Tensor, " d"]:
        """Fitted on the pairs that a seed draws; points to liking."""
        x, labels = self._rows(layer, seed)
        return unit(fit_direction(method, x, labels, stream(seed, method)))

    def difference(self, layer: int, seed: int) -> Float[Tensor, " d"]:
        """From the mean of the disliking adjectives to that of the liking ones."""
        return mean_difference(*self._rows(layer, seed))

    def resid_norms(self, layer: int) -> Float[Tensor, " adjectives"]:
        """Length of the stream at every adjective."""
        return self.ends[Hookpoint("resid_post", layer)].float().norm(dim=-1)

    def _rows(self, layer: int, seed: int) -> tuple[Tensor, Bool[Tensor, " rows"]]:
        drawn = resampled(self.pairs, seed)
        ends = self.ends[Hookpoint("resid_post", layer)].float()
        x = torch.cat([ends[drawn], ends[self.pairs + drawn]])
        require_ordinary(x, f"adjectives, layer {layer}")
        return x, torch.arange(len(x)) < self.pairs


def directions(
    adjectives: Adjectives, task: Reviews, layer: int, seed: int, given: Tensor | None
) -> dict[str, Float[Tensor, " d"]]:
    """Unit directions by name, one `given` from a file, and the random one as the control."""
    found: dict[str, Tensor] = {
        method: adjectives.unit_direction(method, layer, seed) for method in task.directions
    }
    like = next(iter(found.values()))
    if given is not None:
        found["file"] = unit(given)
    return {**found, CONTROL: random_direction(like, stream(seed, "random sentiment"))}


def _sides(contrast: Contrast) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The liking prompt and the disliking one."""
    if set(contrast.answers) <= set(POSITIVE_ANSWERS):
        return contrast.clean, contrast.corrupted
    return contrast.corrupted, contrast.clean


def _up_to_adjective(parts: tuple[Part, ...]) -> str:
    place = next(i for i, part in enumerate(parts) if part.role == "adjective")
    return text_of(parts[: place + 1])
