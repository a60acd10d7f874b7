"""How far vectors move the next token, and how far random vectors of equal length do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.oneline.effects import Added, kl_nats, lean, next_logits
from harness.record import Record


class Span(Record):
    """Of several random vectors."""

    low: float
    mean: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Span":
        """Least, mean and most."""
        mean = round(sum(values) / len(values), 4)
        return cls(low=min(values), mean=mean, high=max(values))


class RandomBand(Record):
    """What random vectors of equal length do at one coefficient, negated where it is negative."""

    coefficient: float
    kl_nats: Span
    lean: Span | None


@dataclass(frozen=True)
class NextToken:
    """Reads logits at the end of a prompt against those of the unsteered model."""

    lm: LanguageModel
    ids: Int[Tensor, "1 seq"]
    point: Hookpoint
    base: Float[Tensor, " vocab"]
    towards: Sequence[int]
    """Tokens that only the positive texts hold."""
    away: Sequence[int]

    @classmethod
    def of(
        cls,
        lm: LanguageModel,
        ids: Int[Tensor, "1 seq"],
        point: Hookpoint,
        texts: tuple[Sequence[str], Sequence[str]],
    ) -> "NextToken":
        """`texts` are the positive and the negative ones."""
        none = Added(point, torch.zeros(1, lm.d_model, device=lm.device))
        towards, away = _own_tokens(lm, *texts)
        return cls(lm, ids, point, next_logits(lm, ids, none)[0], towards, away)

    def moved(
        self, vectors: Float[Tensor, "row d_model"]
    ) -> tuple[list[float], list[float] | None]:
        """KL in nats and lean under each vector; no lean where the texts hold the same tokens."""
        rows = next_logits(self.lm, self.ids, Added(self.point, vectors))
        kl = [round(each, 4) for each in kl_nats(self.base, rows).tolist()]
        if not self.towards and not self.away:
            return kl, None
        return kl, [round(each, 4) for each in lean(rows, self.towards, self.away).tolist()]

    def bands(
        self, drawn: Float[Tensor, "random d_model"], coefficients: Sequence[float]
    ) -> Iterator[RandomBand]:
        """One for each coefficient, from the most negated to the most added."""
        for c in sorted([sign * c for c in coefficients for sign in (-1, 1)]):
            kl, leans = self.moved(c * drawn)
            span = None if leans is None else Span.of(leans)
            yield RandomBand(coefficient=c, kl_nats=Span.of(kl), lean=span)


def _own_tokens(
    lm: LanguageModel, positive: Sequence[str], negative: Sequence[str]
) -> tuple[list[int], list[int]]:
    """Ids that stand in the texts of one kind only."""
    one, other = ({e for ids in tokenize(lm, texts) for e in ids} for texts in (positive, negative))
    return sorted(one - other), sorted(other - one)
