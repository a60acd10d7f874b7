"""The layer that results are reported at: fixed in the spec, or chosen on rows held apart."""

from statistics import fmean

from harness.experiments.context import Progress
from harness.experiments.probing import fits
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.rows import Split
from harness.measurement import Condition, Measurement
from harness.specs import ProbingSpec


def base_conditions(spec: ProbingSpec, layer: str | int) -> dict[str, Condition]:
    """Conditions that all rows of an experiment share."""
    return {
        "model": spec.model,
        "split": spec.split,
        "position": spec.position,
        "layer": layer,
    }


def choose(spec: ProbingSpec, split: Split, table: ActivationTable, progress: Progress) -> int:
    """The layer where mass-mean probes do best on the train sets, within the selection rows."""
    if spec.layer != "validation":
        return spec.layer
    scores: list[float] = []
    for layer in range(table.n_layers):
        progress("choosing the layer", layer, table.n_layers)
        scores.append(fmean(_accuracy(split, table, train, layer) for train in spec.train))
    progress("choosing the layer", table.n_layers, table.n_layers)
    return scores.index(max(scores))


def _accuracy(split: Split, table: ActivationTable, train: str, layer: int) -> float:
    """Cross-validated accuracy of a mass-mean probe on its own sets."""
    rows, x, seeds = [split.selection[name] for name in train.split("+")], table.at(layer), (0,)
    fitted = fits.training(split, rows, x, seeds)
    directions = fits.fit("mass_mean", fitted, fitted.true_labels())
    right = [
        (fits.score(split, each, x(each), directions, seeds)[0] > 0) == each.labels for each in rows
    ]
    return fmean(float(each.float().mean()) for each in right)


def row(spec: ProbingSpec, split: Split, layer: int) -> Measurement:
    """The chosen layer as a measurement; `n` counts the units that chose it."""
    parts = split.selection or split.reported
    return Measurement(
        experiment=spec.id,
        metric="chosen_layer",
        value=layer,
        n=sum(rows.unit_count for rows in parts.values()),
        seed=spec.seeds[0],
        conditions=base_conditions(spec, "chosen"),
    )
