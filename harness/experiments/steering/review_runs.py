"""Pairs of reviews run under edits: logit differences with and without, at chosen positions."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from harness.data.contrasts import Contrast
from harness.experiments.scored import units_digest
from harness.experiments.steering.draws import stream
from harness.experiments.steering.streams import Edit, steer_each
from harness.experiments.steering.vectors import ablating
from harness.experiments.uninformative import Uninformative
from harness.models.language_model import LanguageModel
from harness.models.prompts import EncodedPairs, encode_pairs
from harness.models.resume import Base, run_base
from harness.models.sinks import sink_mask
from harness.models.unembed import logits_of
from harness.ops.interventions import swap
from harness.specs.steering import ReviewPositions

LEAST_PAIRS = 5
Key = TypeVar("Key", bound=Hashable)


class Along(NamedTuple):
    """What is changed: the component along a unit direction, of what leaves one block."""

    layer: int
    direction: Float[Tensor, " d"]
    seed: int = 0
    """Draws the random tokens, where those are changed."""


@dataclass(frozen=True)
class Group:
    """Pairs of one wording; either prompt is run when it is first asked for."""

    lm: LanguageModel
    pairs: EncodedPairs

    @cached_property
    def clean(self) -> Base:
        """The clean prompts unsteered."""
        return run_base(self.lm, self.pairs.clean)

    @cached_property
    def corrupted(self) -> Base:
        """The corrupted prompts unsteered."""
        return run_base(self.lm, self.pairs.corrupted)


@dataclass(frozen=True)
class Pairs:
    """A set of pairs and its logit differences, answers less foils, of the clean prompt's answers.

    A pair is informative where both of its prompts are answered rightly.
    """

    lm: LanguageModel
    contrasts: Sequence[Contrast]
    groups: Sequence[EncodedPairs]
    clean: Float[Tensor, " pairs"]
    corrupted: Float[Tensor, " pairs"]

    @classmethod
    def read(cls, lm: LanguageModel, contrasts: Sequence[Contrast]) -> "Pairs":
        """Run every prompt once. Raises `Uninformative` where too few pairs are informative."""
        groups = list(encode_pairs(lm, contrasts))
        clean, corrupted = torch.zeros(2, len(contrasts))
        for each in groups:
            for tokens, into in ((each.clean, clean), (each.corrupted, corrupted)):
                base = run_base(lm, tokens)
                into[list(each.indices)] = _difference(lm, base.resid[-1], each)
        found = cls(lm, contrasts, groups, clean, corrupted)
        if int(found.informative.sum()) < LEAST_PAIRS:
            raise Uninformative(
                f"{int(found.informative.sum())} of {len(contrasts)} pairs of reviews are "
                f"answered rightly on both sides; {LEAST_PAIRS} are needed"
            )
        return found

    @property
    def informative(self) -> Bool[Tensor, " pairs"]:
        """Clean prefers the answers, corrupted the foils."""
        return (self.clean > 0) & (self.corrupted < 0)

    def units(self, kept: Bool[Tensor, " pairs"]) -> str:
        """Digest of some of the pairs."""
        named = zip(self.contrasts, kept.tolist(), strict=True)
        return units_digest(each.unit for each, keep in named if keep)

    def swapped(
        self, ways: Mapping[Key, Along], positions: ReviewPositions
    ) -> dict[Key, Float[Tensor, " pairs"]]:
        """Differences of the corrupted prompts with the component taken from the clean ones.

        Of informative pairs only, in their order.
        """

        def edit(group: Group, way: Along) -> tuple[Base, Edit]:
            clean = group.clean.resid[way.layer + 1]
            return group.corrupted, _swapping(clean, way.direction)

        return self._changed(self.informative, ways, positions, edit)

    def ablated(
        self, ways: Mapping[Key, Along], positions: ReviewPositions, mean: Float[Tensor, " d"]
    ) -> dict[Key, Float[Tensor, " pairs"]]:
        """Differences of the clean prompts that were right, with the component of the mean."""

        def edit(group: Group, way: Along) -> tuple[Base, Edit]:
            return group.clean, ablating(way.direction, float(mean @ way.direction))

        return self._changed(self.clean > 0, ways, positions, edit)

    def mean_stream(self, layer: int) -> Float[Tensor, " d"]:
        """Mean of what leaves a block over every position of every prompt that is no sink."""
        total, count = torch.zeros(self.lm.d_model), 0
        for group in self._running(torch.ones(len(self.contrasts), dtype=torch.bool)):
            for base in (group.clean, group.corrupted):
                kept = base.resid[layer + 1][~sink_mask(base.resid[layer + 1])].float().cpu()
                total, count = total + kept.sum(0), count + len(kept)
        return total / count

    def _running(self, kept: Bool[Tensor, " pairs"]) -> Iterator[Group]:
        """Groups of the pairs that are kept, one after the other in memory."""
        for each in self.groups:
            chosen = kept[list(each.indices)]
            if not bool(chosen.any()):
                continue
            some = EncodedPairs(
                indices=tuple(i for i, keep in zip(each.indices, chosen, strict=True) if keep),
                clean=each.clean[chosen],
                corrupted=each.corrupted[chosen],
                answers=each.answers[chosen],
                foils=each.foils[chosen],
                roles=each.roles,
            )
            yield Group(self.lm, some)

    def _changed(
        self,
        kept: Bool[Tensor, " pairs"],
        ways: Mapping[Key, Along],
        positions: ReviewPositions,
        edit: Callable[[Group, Along], tuple[Base, Edit]],
    ) -> dict[Key, Tensor]:
        """Logit differences of the pairs kept; ways of one layer and seed run together."""
        found = {key: torch.zeros(len(self.contrasts)) for key in ways}
        together: dict[tuple[int, int], list[Key]] = {}
        for key, way in ways.items():
            together.setdefault((way.layer, way.seed), []).append(key)
        for group in self._running(kept):
            places = list(group.pairs.indices)
            for (layer, seed), keys in together.items():
                mask = _mask(group.pairs, positions, seed)
                edits = [edit(group, ways[key]) for key in keys]
                runs = steer_each(self.lm, edits[0][0], mask, layer, [each for _, each in edits])
                for key, steered in zip(keys, runs, strict=True):
                    found[key][places] = _difference(self.lm, steered.resid, group.pairs)
        return {key: each[kept] for key, each in found.items()}


def _swapping(clean: Tensor, direction: Tensor) -> Edit:
    return lambda resid, mask: swap(resid, clean, direction, mask)


@torch.inference_mode()
def _difference(lm: LanguageModel, resid: Tensor, pairs: EncodedPairs) -> Tensor:
    """Mean logit of the answers less that of the foils at the end, [pairs]."""
    ids = torch.cat([pairs.answers, pairs.foils], 1).to(resid.device)
    found = logits_of(lm, resid[:, -1], ids).float().cpu()
    answers, foils = found.split([pairs.answers.shape[1], pairs.foils.shape[1]], 1)
    return answers.mean(1) - foils.mean(1)


def _mask(pairs: EncodedPairs, positions: ReviewPositions, seed: int) -> Bool[Tensor, "pairs seq"]:
    """Where the stream is changed; random tokens are as many as the commas, and none of them."""
    rows, seq = pairs.clean.shape
    if positions == "all":
        return torch.ones(rows, seq, dtype=torch.bool)
    commas = sorted(place for role, place in pairs.roles.items() if role.startswith("comma"))
    mask = torch.zeros(rows, seq, dtype=torch.bool)
    if positions == "commas":
        mask[:, commas] = True
        return mask
    others = torch.tensor([place for place in range(1, seq) if place not in commas])
    generator = stream(seed, f"random tokens {pairs.indices[0]}")
    for row in range(rows):
        mask[row, others[torch.randperm(len(others), generator=generator)[: len(commas)]]] = True
    return mask
