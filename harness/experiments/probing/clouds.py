"""The shape of true and false clouds: truth directions' angles and principal components."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from harness.experiments.context import Context
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.layers import base_conditions
from harness.experiments.probing.rows import Rows, Split
from harness.measurement import Measurement
from harness.ops.geometry import angle_degrees, principal_components, threshold_accuracy
from harness.ops.probes import mass_mean
from harness.record import write_bytes
from harness.specs import ProbingSpec

RESAMPLES = 400
PICTURED_LAYERS = 5


def angles(
    spec: ProbingSpec, split: Split, table: ActivationTable, chosen: int
) -> Iterator[Measurement]:
    """Angle between mu+ - mu- of two sets, at every layer and at the reported one."""
    for first, second in spec.angles:
        pair = (split.reported[first], split.reported[second])
        for layer in range(table.n_layers):
            for control in (None, "shuffled_labels"):
                row = _angle(spec, pair, table, layer, control)
                yield row
                if layer == chosen:
                    yield row.model_copy(
                        update={"conditions": {**row.conditions, "layer": "chosen"}}
                    )


def _angle(
    spec: ProbingSpec,
    pair: tuple[Rows, Rows],
    table: ActivationTable,
    layer: int,
    control: str | None,
) -> Measurement:
    generator = torch.Generator().manual_seed(spec.seeds[0])
    x = table.at(layer)
    drawn = [_resampled(rows, x(rows), control, generator) for rows in pair]
    between = angle_degrees(*drawn)
    conditions = {
        **base_conditions(spec, layer),
        "first": pair[0].name,
        "second": pair[1].name,
    }
    return Measurement(
        experiment=spec.id,
        metric="direction_angle",
        value=float(between[0]),
        stderr=float(between[1:].std()),
        n=min(rows.unit_count for rows in pair),
        seed=spec.seeds[0],
        conditions=conditions,
        control=control,
    )


def _resampled(rows: Rows, x: Tensor, control: str | None, generator: torch.Generator) -> Tensor:
    """Truth directions [1 + RESAMPLES, d]: of the rows, then of units drawn with replacement."""
    labels = rows.labels
    if control is not None:
        labels = labels[torch.randperm(len(labels), generator=generator)]
    units = rows.unit_count
    drawn = torch.randint(units, (RESAMPLES, units), generator=generator)
    counts = torch.ones(1 + RESAMPLES, units)
    counts[1:] = torch.zeros(RESAMPLES, units).scatter_add_(1, drawn, torch.ones(drawn.shape))
    return mass_mean(x, labels.expand(1 + RESAMPLES, -1), counts[:, rows.units])


def pictures(
    spec: ProbingSpec, split: Split, table: ActivationTable, chosen: int, context: Context
) -> Iterator[Measurement]:
    """Two principal components of each pictured set, and how well the first separates."""
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {}
    for name in spec.pictures:
        rows = split.reported[name]
        for layer in sorted({chosen, *_spread(table.n_layers)}):
            projected = principal_components(table.at(layer)(rows))
            arrays[f"{name}.{layer}.xy"] = projected.xy.numpy()
            arrays[f"{name}.{layer}.label"] = rows.labels.numpy()
            arrays[f"{name}.{layer}.explained"] = projected.explained.numpy()
            accuracy = threshold_accuracy(projected.xy[:, 0], rows.labels)
            for shown in (layer, "chosen") if layer == chosen else (layer,):
                yield Measurement(
                    experiment=spec.id,
                    metric="pc1_threshold_accuracy",
                    value=accuracy,
                    n=rows.unit_count,
                    seed=spec.seeds[0],
                    conditions={**base_conditions(spec, shown), "test": name},
                )
    if arrays:
        _save(context, arrays)


def _spread(n_layers: int) -> list[int]:
    """Layers from the first to the last, evenly."""
    last = n_layers - 1
    return [round(last * i / (PICTURED_LAYERS - 1)) for i in range(PICTURED_LAYERS)]


def _save(
    context: Context, arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]
) -> None:
    from io import BytesIO

    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
    write_bytes(context.artifact("pca.npz"), buffer.getvalue())
