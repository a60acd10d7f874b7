"""Fit probes on a train set, every seed and fold at once, and score rows with the fitting one."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import torch
from torch import Tensor

from harness.experiments.probing.rows import Rows, Split
from harness.ops import probes
from harness.specs import Probe

Centred = Callable[[Rows], Tensor]
"""Activations of rows at one layer, centred on their own mean, float32 [rows, d]."""


@dataclass(frozen=True)
class Training:
    """A train set at one layer, for S seeds × F folds fits."""

    x: Tensor
    """Activations of all its sets, each centred on its own mean, [rows, d]."""
    labels: Tensor
    """bool [rows]."""
    weights: Tensor
    """1 where a row trains the fit, [S * F, rows]."""
    contrast: tuple[Tensor, Tensor, Tensor] | None
    """Of a set and its negation: activations [pairs, d] of both, weights [S * F, pairs]."""
    seeds: tuple[int, ...]
    n_folds: int

    def shuffled(self) -> Tensor:
        """Labels permuted once a seed, [S * F, rows]."""
        permuted = [
            self.labels[torch.randperm(len(self.labels), generator=_generator(seed, "shuffle"))]
            for seed in self.seeds
        ]
        return torch.stack(permuted).repeat_interleave(self.n_folds, 0)

    def repeated(self, times: int) -> "Training":
        """The same fits again, for several labellings in one batch."""
        contrast = self.contrast
        if contrast is not None:
            contrast = (contrast[0], contrast[1], contrast[2].repeat(times, 1))
        return replace(self, weights=self.weights.repeat(times, 1), contrast=contrast)

    def true_labels(self) -> Tensor:
        """The labels for each fit, [S * F, rows]."""
        return self.labels.expand(len(self.weights), -1)


def training(split: Split, rows: Sequence[Rows], x: Centred, seeds: tuple[int, ...]) -> Training:
    """Join the sets of a train set. Fit (seed, fold) is trained on all other folds."""
    folds = torch.cat([_folds(split, each, seeds) for each in rows], 1)
    return Training(
        x=torch.cat([x(each) for each in rows]),
        labels=torch.cat([each.labels for each in rows]),
        weights=_others(folds, split.n_folds),
        contrast=_contrast(split, rows, x, seeds),
        seeds=seeds,
        n_folds=split.n_folds,
    )


def fit(probe: Probe, train: Training, labels: Tensor) -> Tensor:
    """Directions [S * F, d] of one kind of probe for the given labels [S * F, rows]."""
    generator = _generator(train.seeds[0], probe)
    match probe:
        case "mass_mean":
            return probes.mass_mean(train.x, labels, train.weights)
        case "mass_mean_covariance":
            return probes.mass_mean_covariance(train.x, labels, train.weights)
        case "lda":
            return probes.lda(train.x, labels, train.weights)
        case "logistic_regression":
            return probes.logistic_regression(train.x, labels, train.weights, generator)
        case "ccs":
            assert train.contrast is not None, "CCS needs a set and its negation"
            found = probes.ccs(*train.contrast, generator)
            return probes.orient(found, train.x, labels, train.weights)
        case _:
            assert_never(probe)


def random_directions(train: Training) -> Tensor:
    """Gaussian directions [S * F, d], turned to fit their training rows."""
    drawn = [
        torch.randn(train.n_folds, train.x.shape[1], generator=_generator(seed, "direction"))
        for seed in train.seeds
    ]
    return probes.orient(torch.cat(drawn), train.x, train.true_labels(), train.weights)


def score(
    split: Split, rows: Rows, x: Tensor, directions: Tensor, seeds: tuple[int, ...]
) -> Tensor:
    """Scores [S, rows]: each row by the fit whose training left the row's group out."""
    every = (directions @ x.T).view(len(seeds), split.n_folds, len(rows.texts))
    return every.gather(1, _folds(split, rows, seeds)[:, None]).squeeze(1)


def _folds(split: Split, rows: Rows, seeds: tuple[int, ...]) -> Tensor:
    return torch.stack([split.folds(rows, seed) for seed in seeds])


def _others(folds: Tensor, n_folds: int) -> Tensor:
    """[S, rows] folds → [S * F, rows] weights, 1 where the row is not in the fold."""
    return (folds[:, None] != torch.arange(n_folds)[:, None]).float().flatten(0, 1)


def _contrast(
    split: Split, rows: Sequence[Rows], x: Centred, seeds: tuple[int, ...]
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Pair statements with their negations; `None` where the sets are not two partners."""
    if len(rows) != 2:
        return None
    one, other = rows
    place = {contrast: i for i, contrast in enumerate(other.contrasts)}
    pairs = [(i, place[key]) for i, key in enumerate(one.contrasts) if key in place]
    if not pairs:
        return None
    ours, theirs = torch.tensor(pairs).T
    weights = _others(_folds(split, one, seeds)[:, ours], split.n_folds)
    return x(one)[ours], x(other)[theirs], weights


def _generator(seed: int, purpose: str) -> torch.Generator:
    """A stream of its own for each purpose, the same in every process.

    Torch keeps four bytes of a seed, so the name is hashed down to four.
    """
    hashed = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(hashed[:4]))
