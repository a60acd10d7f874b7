"""Accuracy and AUROC of probes trained on one set and tested on another, with controls."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from harness.experiments.context import Progress
from harness.experiments.probing import fits
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.layers import base_conditions
from harness.experiments.probing.rows import Rows, Split
from harness.experiments.probing.words import word_scores
from harness.measurement import Items, Measurement
from harness.ops.geometry import auroc
from harness.specs import Control, Probe, ProbingSpec, Transfer


def matrix(
    spec: ProbingSpec, split: Split, table: ActivationTable, layer: int, progress: Progress
) -> Iterator[Measurement]:
    """Every probe and train set on every test set at the reported layer, all seeds."""
    for step, train in enumerate(spec.train):
        progress("fitting probes", step, len(spec.train))
        yield from _from_train(spec, split, table, layer, train)
    progress("fitting probes", len(spec.train), len(spec.train))


def _from_train(
    spec: ProbingSpec, split: Split, table: ActivationTable, layer: int, train: str
) -> Iterator[Measurement]:
    x, rows = table.at(layer), [split.reported[name] for name in train.split("+")]
    tests = [split.reported[name] for name in spec.test]
    fitted = fits.training(split, rows, x, spec.seeds)
    shared = _shared_controls(spec, split, fitted, rows, tests, [x(test) for test in tests])
    for probe in spec.probes:
        if probe == "ccs" and fitted.contrast is None:
            continue
        directions = fits.fit(probe, fitted, fitted.true_labels())
        shuffled = None
        if "shuffled_labels" in spec.controls:
            shuffled = fits.fit(probe, fitted, fitted.shuffled())
        for place, test in enumerate(tests):
            at = _Cell(spec, probe, train, test)
            scores = fits.score(split, test, x(test), directions, spec.seeds)
            yield from at.accuracies(scores, None)
            yield from at.aurocs(scores)
            if shuffled is not None:
                null = fits.score(split, test, x(test), shuffled, spec.seeds)
                yield from at.accuracies(null, "shuffled_labels")
            for control, given in shared.items():
                yield from at.accuracies(given[place], control)


def _shared_controls(
    spec: ProbingSpec,
    split: Split,
    fitted: fits.Training,
    rows: Sequence[Rows],
    tests: Sequence[Rows],
    xs: Sequence[Tensor],
) -> dict[Control, list[Tensor]]:
    """Scores of the controls that are the same for every kind of probe, one a test set."""
    found: dict[Control, list[Tensor]] = {}
    if "bag_of_words" in spec.controls:
        found["bag_of_words"] = word_scores(split, rows, tests, spec.seeds)
    if "random_direction" in spec.controls:
        drawn = fits.random_directions(fitted)
        found["random_direction"] = [
            fits.score(split, test, x, drawn, spec.seeds) for test, x in zip(tests, xs, strict=True)
        ]
    return found


class _Cell:
    """One cell of the matrix: what its rows have in common."""

    def __init__(self, spec: ProbingSpec, probe: Probe, train: str, test: Rows) -> None:
        self.spec, self.test = spec, test
        here = {"probe": probe, "train": train, "test": test.name}
        self.conditions = {**base_conditions(spec, "chosen"), **here}

    def accuracies(self, scores: Tensor, control: Control | None) -> Iterator[Measurement]:
        """One row a seed from scores [S, rows], with the score of each unit."""
        right = self.test.mean_by_unit((scores > 0) == self.test.labels)
        for seed, units in zip(self.spec.seeds, right, strict=True):
            items = Items.pack(self.test.digest, units.tolist())
            yield Measurement(
                experiment=self.spec.id,
                metric="accuracy_binary",
                value=float(units.mean()),
                stderr=_stderr(units),
                n=len(units),
                seed=seed,
                conditions=self.conditions,
                control=control,
                items=items,
            )

    def aurocs(self, scores: Tensor) -> Iterator[Measurement]:
        """One row a seed from scores [S, rows]."""
        for seed, own in zip(self.spec.seeds, scores, strict=True):
            area = auroc(own, self.test.labels, self.test.units)
            yield Measurement(
                experiment=self.spec.id,
                metric="auroc",
                value=area.value,
                stderr=area.stderr,
                n=self.test.unit_count,
                seed=seed,
                conditions=self.conditions,
            )


def sweep(
    spec: ProbingSpec, split: Split, table: ActivationTable, progress: Progress
) -> Iterator[Measurement]:
    """The transfers of `spec.sweep` at every layer, with shuffled labels, first seed."""
    if not spec.sweep:
        return
    for layer in range(table.n_layers):
        progress("sweeping layers", layer, table.n_layers)
        yield from _sweep_layer(spec, split, table, layer)
    progress("sweeping layers", table.n_layers, table.n_layers)


def _sweep_layer(
    spec: ProbingSpec, split: Split, table: ActivationTable, layer: int
) -> Iterator[Measurement]:
    x, seeds = table.at(layer), spec.seeds[:1]
    for train in dict.fromkeys(each.train for each in spec.sweep):
        rows = [split.reported[name] for name in train.split("+")]
        fitted = fits.training(split, rows, x, seeds)
        both = torch.cat([fitted.true_labels(), fitted.shuffled()])
        twice = fitted.repeated(2)
        mine = [each for each in spec.sweep if each.train == train]
        found = {each.probe: fits.fit(each.probe, twice, both).chunk(2) for each in mine}
        for each in mine:
            test = split.reported[each.test]
            for control, directions in zip(
                (None, "shuffled_labels"), found[each.probe], strict=True
            ):
                scores = fits.score(split, test, x(test), directions, seeds)[0]
                units = test.mean_by_unit((scores > 0) == test.labels)
                yield _swept(spec, each, layer, units, control)


def _swept(
    spec: ProbingSpec, transfer: Transfer, layer: int, units: Tensor, control: str | None
) -> Measurement:
    return Measurement(
        experiment=spec.id,
        metric="accuracy_binary",
        value=float(units.mean()),
        stderr=_stderr(units),
        n=len(units),
        seed=spec.seeds[0],
        conditions={**base_conditions(spec, layer), **transfer.model_dump()},
        control=control,
    )


def _stderr(units: Tensor) -> float | None:
    """Standard error of a mean over units, unknown for one."""
    return float(units.std() / len(units) ** 0.5) if len(units) > 1 else None
