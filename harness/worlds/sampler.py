"""Samples of a world at the cost of the features that fire, with the distribution of SAELens'.

Given the shared Gaussian u of a row, features fire independently, feature i with probability
p_i(u) = Phi((f_i . u - t_i) / s_i). Hence exact thinning (Lewis and Shedler 1979): arrivals of a
Poisson process at a rate that bounds every row's are kept with the ratio of the rates, so that a
rare feature is looked at in few rows. Children are looked at only under parents that are active.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.ops.ordering import stable_order
from harness.ops.places import places
from harness.worlds.features import SparseFeatures
from harness.worlds.structure import Structure

_REACH = 2.5
"""Standard deviations of f_i . u that bound it; rows beyond are drawn singly."""
_COMMON = 0.3
"""Features whose bounding rate is above this are drawn in every row: thinning saves nothing."""
_TOGETHER = 1 << 20
"""Cells that are compared together, so that they stay in the processor's cache."""


class _Active(NamedTuple):
    """Active features of one level of the hierarchy, in no order."""

    rows: Int[Tensor, " active"]
    features: Int[Tensor, " active"]
    values: Float[Tensor, " active"]


class Sampler:
    """Draws batches of active features of one world."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        spread = structure.factor.norm(dim=1)
        highest = (_REACH * spread - structure.threshold) / structure.noise
        rate = _rate(highest)
        free = structure.free
        self._depth = int(structure.depth.max())
        self._common = free[rate[free] > _COMMON]
        self._rare = free[rate[free] <= _COMMON]
        self._rate = rate[self._rare]
        self._limit = _REACH * spread[self._rare]
        law = structure.threshold, structure.noise, structure.mean, structure.std
        self._law = torch.stack(law, dim=1)
        self._own = torch.cat([self._law[self._rare, :2], self._limit[:, None]], dim=1)
        self._factor = structure.factor[self._rare].T.contiguous()

    def sample(self, rows: int, generator: torch.Generator) -> SparseFeatures:
        """Active features of `rows` independent rows, drawn with `generator`."""
        s = self.structure
        shared = _normal((rows, s.factor.shape[1]), s, generator)
        levels = [self._free(shared, generator)]
        for _ in range(self._depth):
            levels.append(self._below(levels[-1], shared, generator))
        every = _Active(*(torch.cat(parts) for parts in zip(*levels, strict=True)))
        order = stable_order(every.rows, rows)
        counts = torch.bincount(every.rows, minlength=rows)
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return SparseFeatures(offsets, every.features[order], every.values[order])

    def _free(self, shared: Float[Tensor, "rows rank"], generator: torch.Generator) -> _Active:
        """What fires of the features that have no parent."""
        common, rare = self._drawn(shared, generator), self._thinned(shared, generator)
        rows, features = (torch.cat(parts) for parts in zip(common, rare, strict=True))
        law = self._law.index_select(0, features)
        values = law[:, 2] + _normal(features.shape, self.structure, generator) * law[:, 3]
        active = values > 0
        return _Active(rows[active], features[active], values[active])

    def _drawn(
        self, shared: Float[Tensor, "rows rank"], generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Common features, each in every row."""
        s, own = self.structure, self._common
        noise = _normal((len(shared), len(own)), s, generator)
        level = torch.addcmul(shared @ s.factor[own].T, noise, s.noise[own])
        rows, columns = (level > s.threshold[own]).nonzero(as_tuple=True)
        return rows, own[columns]

    def _thinned(
        self, shared: Float[Tensor, "rows rank"], generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Rare features: arrivals at the bounding rate, thinned; rows beyond the bound singly."""
        level, beyond = self._levels(shared)
        counts = torch.poisson(self._rate * len(shared), generator=generator).long()
        columns = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
        rows = torch.randint(
            len(shared), (len(columns),), generator=generator, device=columns.device
        )
        cells = rows * len(counts) + columns
        chance, within = self._chance(level, cells, columns)
        kept = _uniform(chance, generator) * self._rate[columns] < -torch.log1p(-chance)
        thinned = torch.unique(cells[kept & within])
        chance, _ = self._chance(level, beyond, beyond % len(counts))
        fired = torch.cat([thinned, beyond[_uniform(chance, generator) < chance]])
        return fired // len(counts), self._rare[fired % len(counts)]

    def _levels(self, shared: Float[Tensor, "rows rank"]) -> tuple[Tensor, Int[Tensor, " beyond"]]:
        """f . u of rare features [rows, rare], and the flat places where it is beyond the bound."""
        level = shared.new_empty(len(shared), len(self._rare))
        beyond: list[Tensor] = []
        step = max(_TOGETHER // max(len(self._rare), 1), 1)
        for first in range(0, len(shared), step):
            part = level[first : first + step]
            torch.mm(shared[first : first + step], self._factor, out=part)
            beyond.append(places(part > self._limit) + first * len(self._rare))
        return level, torch.cat(beyond)

    def _chance(
        self, level: Tensor, cells: Int[Tensor, " m"], columns: Int[Tensor, " m"]
    ) -> tuple[Float[Tensor, " m"], Bool[Tensor, " m"]]:
        """Chance to fire in these cells, and whether they lie within the bound."""
        there = level.view(-1).index_select(0, cells)
        threshold, noise, limit = self._own.index_select(0, columns).unbind(1)
        return torch.special.ndtr((there - threshold) / noise), there <= limit

    def _below(
        self, parents: _Active, shared: Float[Tensor, "rows rank"], generator: torch.Generator
    ) -> _Active:
        """What is active of the children of active parents."""
        s = self.structure
        children = s.children.index_select(0, parents.features)
        has = (children[:, 0] >= 0).nonzero().squeeze(1)
        rows, features, values = (part.index_select(0, has) for part in parents)
        children = children.index_select(0, has)
        known = children.clamp(min=0).view(-1)
        factors = s.factor.index_select(0, known).view(*children.shape, shared.shape[1])
        level = torch.bmm(factors, shared.index_select(0, rows)[:, :, None]).squeeze(2)
        law = self._law.index_select(0, known).view(*children.shape, 4)
        chance = torch.special.ndtr((level - law[..., 0]) / law[..., 1])
        drawn = law[..., 2] + _normal(chance.shape, s, generator) * law[..., 3]
        fires = (_uniform(chance, generator) < chance) & (children >= 0) & (drawn > 0)
        active = _settled(fires, s.exclusive.index_select(0, features), generator)
        growth = values / s.mean.index_select(0, features)
        drawn *= torch.where(s.scaled.index_select(0, features), growth, 1.0)[:, None]
        cells = active.view(-1).nonzero().squeeze(1)
        return _Active(
            rows.index_select(0, cells // children.shape[1]),
            children.view(-1).index_select(0, cells),
            drawn.view(-1).index_select(0, cells),
        )


def _settled(
    active: Bool[Tensor, "m c"], exclusive: Bool[Tensor, " m"], generator: torch.Generator
) -> Bool[Tensor, "m c"]:
    """Of exclusive siblings that are active together one, each as likely."""
    tickets = torch.where(active, _uniform(active, generator), -1.0)
    winner = tickets == tickets.max(dim=1, keepdim=True).values
    return active & (winner | ~exclusive[:, None])


def _rate(x: Float[Tensor, " m"]) -> Float[Tensor, " m"]:
    """The rate at which arrivals make a cell fire with probability Phi(x): -log(1 - Phi(x))."""
    return -torch.special.log_ndtr(-x)


def _uniform(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(like.shape, generator=generator, device=like.device)


def _normal(shape: "tuple[int, ...]", like: Structure, generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=like.mean.device)
