"""The statements of one experiment as rows: labels, units, folds, and which are held apart.

Units held apart choose the layer and are never reported on. A row is always scored by a probe
that saw nothing of the row's group, whichever set the group stands in.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.data.checks import check_balance, check_duplicates
from harness.data.folds import assign_folds
from harness.data.statements import StatementSet
from harness.record import HarnessError
from harness.specs import ProbingSpec


@dataclass(frozen=True, eq=False)
class Rows:
    """Some statements of one data set, in the set's order."""

    name: str
    texts: tuple[str, ...]
    labels: Tensor
    """True where the statement is true, bool [rows]."""
    units: Tensor
    """Which unit the statement is about, 0 to units - 1, int64 [rows]."""
    groups: tuple[str, ...]
    """What may not stand on both sides of a split."""
    contrasts: tuple[str, ...]
    """Equal in a statement and its negation in the partner set."""
    places: Tensor
    """Row numbers in the whole set, int64 [rows]."""
    digest: str
    """Of the set and the rows taken from it."""

    @classmethod
    def of(cls, whole: StatementSet, groups: Sequence[str], keep: Sequence[bool]) -> "Rows":
        """The rows of `whole` that are marked in `keep`."""
        places = [place for place, kept in enumerate(keep) if kept]
        chosen = [whole.statements[place] for place in places]
        number = {unit: i for i, unit in enumerate(dict.fromkeys(one.unit for one in chosen))}
        listed = hashlib.sha256(f"{whole.sha256} {places}".encode()).hexdigest()
        return cls(
            name=whole.name,
            texts=tuple(one.text for one in chosen),
            labels=torch.tensor([one.label for one in chosen]),
            units=torch.tensor([number[one.unit] for one in chosen]),
            groups=tuple(groups[place] for place in places),
            contrasts=tuple(one.contrast for one in chosen),
            places=torch.tensor(places),
            digest=listed[:12],
        )

    @property
    def unit_count(self) -> int:
        """Number of independent units."""
        return int(self.units.max()) + 1

    def mean_by_unit(self, scores: Tensor) -> Tensor:
        """[..., rows] → [..., units]: what a measurement is the mean of."""
        sums = torch.zeros(*scores.shape[:-1], self.unit_count, dtype=torch.float64)
        counts = torch.bincount(self.units, minlength=self.unit_count)
        return sums.index_add(-1, self.units, scores.double()) / counts


@dataclass(frozen=True)
class Split:
    """The rows to report on, by set; the rows that choose the layer; the folds of groups."""

    reported: Mapping[str, Rows]
    selection: Mapping[str, Rows]
    n_folds: int

    def folds(self, rows: Rows, seed: int) -> Tensor:
        """Fold of each row, int64 [rows]; one group has one fold in every set."""
        parts = self.selection if rows is self.selection.get(rows.name) else self.reported
        union = sorted({group for part in parts.values() for group in part.groups})
        fold = dict(zip(union, assign_folds(union, n_folds=self.n_folds, seed=seed), strict=True))
        return torch.tensor([fold[group] for group in rows.groups])


def split_rows(spec: ProbingSpec, sets: Mapping[str, StatementSet]) -> Split:
    """Check every set, then part it into reported and selection rows.

    Raises `HarnessError` for an unbalanced set, or a generated statement that stands twice; the
    authors' files are taken as published, and grouping keeps their repeats on one side.
    """
    for each in sets.values():
        check_balance(each)
        if each.source == "generated":
            check_duplicates(each)
    groups = {name: _groups(each, spec.split) for name, each in sets.items()}
    apart = _held_apart(spec, groups)
    reported: dict[str, Rows] = {}
    selection: dict[str, Rows] = {}
    for name, whole in sets.items():
        chosen = [group in apart for group in groups[name]]
        reported[name] = Rows.of(whole, groups[name], [not each for each in chosen])
        if apart:
            selection[name] = Rows.of(whole, groups[name], chosen)
    return Split(reported, selection, spec.folds)


def _groups(whole: StatementSet, split: str) -> list[str]:
    """Group of each statement; sets without a country are grouped by unit."""
    if split == "statement":
        return [one.text for one in whole.statements]
    if split == "country":
        return [one.country or one.unit for one in whole.statements]
    return [one.unit for one in whole.statements]


def _held_apart(spec: ProbingSpec, groups: Mapping[str, Sequence[str]]) -> set[str]:
    if spec.layer != "validation":
        return set()
    union = sorted({group for each in groups.values() for group in each})
    order = assign_folds(union, n_folds=len(union), seed=0)
    count = round(spec.selection_fraction * len(union))
    apart = {group for group, place in zip(union, order, strict=True) if place < count}
    if not apart:
        raise HarnessError(f"selection_fraction {spec.selection_fraction} holds no unit apart")
    return apart
