"""What the heads of a class do: write, attend, copy; and as many random heads beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from harness.experiments.patching.drawn import Drawn
from harness.experiments.patching.evidence import Evidence
from harness.experiments.scored import scored, units_digest
from harness.measurement import Condition, Measurement
from harness.models.copying import copy_top5
from harness.models.head_sets import Head
from harness.models.language_model import LanguageModel
from harness.models.prompts import token_id
from harness.specs import PatchingSpec
from harness.specs.patching import looked_at

RESAMPLES = 400
_SIGNS: dict[str, Literal[1, -1]] = {"plus": 1, "minus": -1}


def class_rows(
    spec: PatchingSpec, lm: LanguageModel, evidence: Evidence, drawn: Drawn, seed: int
) -> Iterator[Measurement]:
    """Every row of every class, under its control too."""
    for name in spec.heads:
        for control, classes in drawn.alternatives():
            heads = tuple(head for each in classes for head in each[name])
            own = _Class(spec, evidence, name, heads, seed, control)
            yield from own.means()
            if spec.heads[name].at == "END":
                yield from own.copying(lm)
                yield own.correlation()


@dataclass(frozen=True)
class _Class:
    """A class of heads, or all draws of random ones in its place."""

    spec: PatchingSpec
    evidence: Evidence
    name: str
    heads: Sequence[Head]
    seed: int
    control: str | None

    def means(self) -> Iterator[Measurement]:
        """Direct effects, summed over the heads of the class; attention, their mean."""
        wanted = self.spec.heads[self.name]
        if wanted.at == "END":
            after = ("none", wanted.into) if wanted.by == "backup" else ("none",)
            for one in filter(None, after):
                total = self._mean(self.evidence.written[one]) * wanted.top
                yield self._row("direct_effect", total, after=one)
        for to in looked_at(wanted.at):
            mean = self._mean(self.evidence.attention[wanted.at, to])
            yield self._row("attention_to", mean, **{"from": wanted.at, "to": to})

    def copying(self, lm: LanguageModel) -> Iterator[Measurement]:
        """Whether a name given to the heads comes out again; names are the units."""
        contrasts = self.evidence.prompts.contrasts
        words = sorted({word for each in contrasts for word in each.answers})
        ids = torch.tensor([token_id(lm, word) for word in words])
        units = units_digest(words)
        for sign, factor in _SIGNS.items():
            copied = copy_top5(lm, ids, self.heads, sign=factor).mean(1)
            yield self._row("copy_top5", copied, units=units, sign=sign)

    def correlation(self) -> Measurement:
        """Pearson over prompts, mean over heads; its spread by drawing prompts anew."""
        x = torch.stack([self.evidence.attention["END", "IO"][head] for head in self.heads])
        y = torch.stack([self.evidence.written["none"][head] for head in self.heads])
        generator = torch.Generator().manual_seed(self.seed)
        units = x.shape[-1]
        drawn = torch.randint(units, (RESAMPLES, units), generator=generator)
        again = torch.tensor([_pearson(x[:, rows], y[:, rows]) for rows in drawn])
        return Measurement(
            experiment=self.spec.id,
            metric="attention_write_correlation",
            value=_pearson(x, y),
            stderr=float(again.std()),
            n=units,
            seed=self.seed,
            conditions={"model": self.spec.model, "heads": self.name},
            control=self.control,
        )

    def _mean(self, values: Tensor) -> Tensor:
        """Of [layer, head, unit] over the heads, [unit]."""
        return torch.stack([values[head] for head in self.heads]).mean(0)

    def _row(
        self, metric: str, scores: Tensor, units: str | None = None, **conditions: Condition
    ) -> Measurement:
        return scored(
            self.spec,
            metric,
            scores,
            seed=self.seed,
            conditions={"heads": self.name, **conditions},
            control=self.control,
            units=units or self.evidence.prompts.units,
        )


def _pearson(x: Tensor, y: Tensor) -> float:
    x, y = (each - each.mean(-1, keepdim=True) for each in (x, y))
    scale = (x.square().sum(-1) * y.square().sum(-1)).sqrt().clamp_min(1e-12)
    return float(((x * y).sum(-1) / scale).mean())
