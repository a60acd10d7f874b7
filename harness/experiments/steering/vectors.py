"""Vectors for steering at one layer, their controls, and rows of how long they are."""

from collections.abc import Iterator, Mapping

from jaxtyping import Float
from torch import Tensor

from harness.experiments.steering.draws import stream
from harness.experiments.steering.streams import Edit
from harness.measurement import Condition, Measurement
from harness.ops.directions import random_direction
from harness.ops.interventions import ablate, add
from harness.specs import SteeringSpec
from harness.specs.steering import CONTROL


def with_control(vector: Tensor, seed: int, purpose: str) -> dict[str | None, Tensor]:
    """The vector, and a random one as long as it, by name of the control."""
    return {None: vector, CONTROL: random_direction(vector, stream(seed, f"random {purpose}"))}


def adding(vector: Float[Tensor, " d"], coefficient: float) -> Edit:
    """The edit that adds a multiple of a vector."""
    return lambda resid, mask: add(resid, vector, coefficient, mask)


def ablating(direction: Float[Tensor, " d"], mean: float) -> Edit:
    """The edit that sets the component along a unit direction to a mean."""
    return lambda resid, mask: ablate(resid, direction, mask, mean=mean)


def norm_rows(
    spec: SteeringSpec,
    vector: Tensor,
    resid_norms: Tensor,
    *,
    seed: int,
    conditions: Mapping[str, Condition],
) -> Iterator[Measurement]:
    """Length of the vector, and of the stream that it is added to, [units]."""
    for metric, value, n in (
        ("vector_norm", float(vector.norm(dim=-1).mean()), 1),
        ("resid_norm", float(resid_norms.double().mean()), len(resid_norms)),
    ):
        yield Measurement(
            experiment=spec.id,
            metric=metric,
            value=value,
            n=n,
            seed=seed,
            conditions={"model": spec.model, **conditions},
        )


def chosen_layer_row(
    spec: SteeringSpec, layer: int, units: int, conditions: Mapping[str, Condition]
) -> Measurement:
    """The layer that the held-apart units prefer; `n` counts them."""
    return Measurement(
        experiment=spec.id,
        metric="chosen_layer",
        value=layer,
        n=max(units, 1),
        seed=spec.seeds[0],
        conditions={"model": spec.model, **conditions},
    )
