"""Head scores as rows: a map of every head, and the chosen sets with their controls."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product

from jaxtyping import Float
from torch import Tensor

from harness.experiments.attention.chosen import Chosen
from harness.experiments.attention.scores import HeadScores, Scores
from harness.experiments.scored import scored
from harness.measurement import Measurement
from harness.models.head_sets import Head
from harness.specs import AttentionSpec
from harness.specs.attention import HeadScore, set_name


def head_rows(
    spec: AttentionSpec, found: HeadScores, chosen: Mapping[int, Chosen]
) -> Iterator[Measurement]:
    """Every head's scores, without the scores of single units, then those of the sets."""
    yield from _map(spec, found.real, None)
    yield from _map(spec, found.shuffled, "shuffled_tokens")
    for seed, each in chosen.items():
        for size, name in product(spec.top, found.real):
            yield from _set(spec, found, name, size, seed=seed, chosen=each)


def _map(spec: AttentionSpec, scores: Scores, control: str | None) -> Iterator[Measurement]:
    for name, each in scores.items():
        for layer, head in product(*map(range, each.shape[1:])):
            yield scored(
                spec,
                f"{name}_score",
                each[:, layer, head],
                seed=spec.seeds[0],
                conditions={"layer": layer, "head": head},
                control=control,
            )


def _set(
    spec: AttentionSpec, found: HeadScores, name: HeadScore, size: int, *, seed: int, chosen: Chosen
) -> Iterator[Measurement]:
    """The mean score of the chosen heads, and what stands beside it."""
    row = partial(
        scored,
        spec,
        f"{name}_score",
        seed=seed,
        conditions={"heads": set_name(size)},
        units=found.units[name],
    )
    best, others = chosen.heads(size, None), chosen.heads(size, "random_heads")
    yield row(_mean(found.real[name], best))
    if name in found.shuffled:
        yield row(_mean(found.shuffled[name], best), control="shuffled_tokens")
    if name in found.uniform:
        yield row(found.uniform[name], control="uniform_attention")
    yield row(_mean(found.real[name], others), control="random_heads")


def _mean(
    found: Float[Tensor, "unit layer head"], heads: tuple[Head, ...]
) -> Float[Tensor, " unit"]:
    layers, numbers = zip(*heads, strict=True)
    return found[:, list(layers), list(numbers)].mean(1)
