"""Measurements made of one score a unit, for every family."""

import hashlib
from collections.abc import Iterable, Mapping

from torch import Tensor

from harness.measurement import Condition, Items, Measurement
from harness.specs import Experiment


def units_digest(units: Iterable[str]) -> str:
    """Names the units, in order: rows with one digest are paired unit by unit."""
    return hashlib.sha256("\n".join(units).encode()).hexdigest()[:12]


def scored(
    spec: Experiment,
    metric: str,
    scores: Tensor,
    *,
    seed: int,
    conditions: Mapping[str, Condition],
    control: str | None = None,
    units: str | None = None,
) -> Measurement:
    """The mean of one score a unit, [units], with its standard error.

    With the digest of the `units` the row carries every score, so that differences are paired and
    intervals go over units and seeds; a map of thousands of cells does without.
    """
    scores = scores.double().cpu()
    stderr = float(scores.std() / len(scores) ** 0.5) if len(scores) > 1 else None
    packed = None if units is None else Items.pack(units, scores.tolist())
    return Measurement(
        experiment=spec.id,
        metric=metric,
        value=float(scores.mean()),
        stderr=stderr,
        n=len(scores),
        seed=seed,
        conditions={"model": spec.model, **conditions},
        control=control,
        items=packed,
    )
